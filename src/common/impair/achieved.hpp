// What a chain really did, to stand beside what it was told: counts, rate and delays.
// Kept by Chain, read by status. Counts only; the intervals come from interval.hpp.
// Invariant: offered = delivered - duplicated + lost + drops + what is still inside.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "base/traffic.hpp"
#include "base/units.hpp"

namespace sennit::impair {

// How long packets stayed, in classes a quarter of an octave wide: mean exact, quantiles within 10 %.
class DelayHistogram {
 public:
  void add(base::Duration delay);
  base::Duration mean() const;
  // The delay that the share `part` (0 to 1) of all packets did not exceed.
  base::Duration quantile(double part) const;

 private:
  static constexpr std::size_t kClassesAnOctave = 4;
  static constexpr std::size_t kOctaves = 28;  // from 1 us to 268 s
  static std::size_t class_of(base::Duration delay);

  std::array<std::uint32_t, 1 + kClassesAnOctave * kOctaves> counts_{};
  std::uint64_t packets_ = 0;
  base::Duration sum_{};
};

struct Achieved {
  base::TrafficCounter delivered;  // IP bytes
  DelayHistogram delay;            // of what was delivered, from push() to pop()
  std::uint64_t offered = 0;       // pushed
  std::uint64_t judged = 0;        // met the loss model: the trials of `lost`
  std::uint64_t passed = 0;        // and got by: the trials of the shares below
  std::uint64_t lost = 0;          // by the loss model
  std::uint64_t outage_drops = 0;  // came while the line was out
  std::uint64_t queue_drops = 0;   // did not fit
  std::uint64_t aqm_drops = 0;     // by queue management
  std::uint64_t marked = 0;        // delivered with a mark of ours
  std::uint64_t corrupted = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;  // will overtake an earlier one
};

}  // namespace sennit::impair
