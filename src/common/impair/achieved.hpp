// What a chain really did, to stand beside what it was told: counts, rate and delays.
// Kept by Chain, read by status. Counts only; the intervals come from interval.hpp.
// Invariant: offered = delivered - duplicated + lost + drops + what is still inside.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "base/traffic.hpp"
#include "base/units.hpp"

namespace sennit::impair {

// How long packets stayed, on average.
class MeanDelay {
 public:
  void add(base::Duration delay) {
    ++packets_;
    sum_ += delay;
  }
  base::Duration mean() const {
    return packets_ == 0 ? base::Duration{} : sum_ / static_cast<std::int64_t>(packets_);
  }

 private:
  std::uint64_t packets_ = 0;
  base::Duration sum_{};
};

struct Achieved {
  base::TrafficCounter delivered;  // IP bytes
  MeanDelay delay;                 // of what was delivered, from push() to pop()
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
