// Probabilities as types of their own.
#pragma once

#include <compare>

namespace sennit::impair {

// A probability or a correlation, 0 to 1.
struct Probability {
  double value = 0;
  constexpr auto operator<=>(const Probability&) const = default;
};

// A share of packets, and how much a packet's outcome is correlated with the one before.
struct RandomShare {
  Probability share = {};
  Probability correlation = {};
  bool operator==(const RandomShare&) const = default;
};

}  // namespace sennit::impair
