// How long to wait before the next attempt: doubling, with a ceiling, and scattered so that clients do not
// ask in step. Used by GatewayLookup. Pure: no clock, the seed is an argument.
#pragma once

#include <algorithm>

#include "base/rng.hpp"
#include "base/time.hpp"

namespace sennit::client {

class Backoff {
 public:
  // `first` is the wait after the first failure, `longest` the ceiling.
  Backoff(base::Duration first, base::Duration longest, std::uint64_t seed)
      : first_(first), longest_(longest), next_(first), rng_(seed) {}

  // The wait after one more failure, 80 % to 120 % of the step it is at.
  base::Duration next() {
    const auto step = next_;
    next_ = std::min(next_ * 2, longest_);
    return std::chrono::duration_cast<base::Duration>(step * (0.8 + 0.4 * rng_.uniform()));
  }
  // It succeeded: start over.
  void reset() { next_ = first_; }

 private:
  base::Duration first_;
  base::Duration longest_;
  base::Duration next_;
  base::Rng rng_;
};

}  // namespace sennit::client
