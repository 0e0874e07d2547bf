// How sure a counted share is: the exact (Clopper-Pearson) confidence interval of a binomial proportion.
#pragma once

#include <cstdint>

#include "impair/probability.hpp"

namespace sennit::impair {

// What was counted: `hits` of `trials` packets.
struct Count {
  std::uint64_t hits = 0;
  std::uint64_t trials = 0;
};

struct Interval {
  Probability low = {};
  Probability high{1};
  bool contains(Probability share) const { return low <= share && share <= high; }
};

// The shares that are compatible with what was counted (Clopper and Pearson 1934); all of them without
// trials.
Interval clopper_pearson(Count count, Probability confidence = {0.99});

}  // namespace sennit::impair
