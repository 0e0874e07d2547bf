#include "link/rtt.hpp"

#include <algorithm>
#include <chrono>

namespace sennit::link {

namespace {

// After datagrams that were held up for many seconds the variation is no guide.
constexpr base::Duration kLongestTimeout = std::chrono::seconds(2);

}  // namespace

void RttEstimator::add(base::Duration rtt, base::Instant now) {
  latest_ = rtt;
  minimum_.add(rtt, now);
  if (!known_) {
    known_ = true;
    smoothed_ = rtt;
    variation_ = rtt / 2;
    return;
  }
  const auto deviation = rtt > smoothed_ ? rtt - smoothed_ : smoothed_ - rtt;
  variation_ = (3 * variation_ + deviation) / 4;
  smoothed_ = (7 * smoothed_ + rtt) / 8;
}

base::Duration RttEstimator::minimum(base::Instant now) const {
  return minimum_.value(now).value_or(latest_);
}

base::Duration RttEstimator::timeout(base::Duration floor) const {
  if (!known_) return std::chrono::seconds(1);
  const auto longest = std::max<base::Duration>(kLongestTimeout, 2 * smoothed_);
  return std::max(floor, std::min(longest, smoothed_ + 4 * variation_));
}

}  // namespace sennit::link
