#include "impair/token_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace sennit::impair {

base::Duration TokenBucket::time_of(double bytes) const {
  return base::Duration(
      std::llround(std::floor(bytes * 8e9 / static_cast<double>(refill_.rate().bits_per_second))));
}

base::Instant TokenBucket::take(base::Bytes size, base::Instant at) {
  const double needed = static_cast<double>(std::min(size, burst_).value);
  const auto conforms = std::max(at, full_at_ - time_of(static_cast<double>(burst_.value) - needed));
  full_at_ = std::max(full_at_, conforms) + refill_.transmission_time(size);
  return conforms;
}

double TokenBucket::level(base::Instant now) const {
  const double missing = std::max(0.0, base::to_seconds(full_at_ - now));
  return static_cast<double>(burst_.value) -
         missing * static_cast<double>(refill_.rate().bits_per_second) / 8;
}

void TokenBucket::set_level(double bytes, base::Instant now) {
  full_at_ =
      now + time_of(static_cast<double>(burst_.value) - std::min(bytes, static_cast<double>(burst_.value)));
}

base::Instant TokenBucket::settled_at() const {
  return full_at_ - time_of(static_cast<double>(burst_.value));
}

}  // namespace sennit::impair
