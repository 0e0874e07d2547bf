// A wire: each packet takes size / rate, one after another, and has left when its last bit has.
// Tells how long a packet takes; holds no packets. Rounding is carried on, so that the rate is exact.
#pragma once

#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::impair {

class SerialisingWire {
 public:
  // `rate` is above zero.
  explicit SerialisingWire(base::BitRate rate) : rate_(rate) {}

  base::Duration transmission_time(base::Bytes size) {
    constexpr std::uint64_t kNanoseconds = 1'000'000'000;
    const std::uint64_t work = size.value * 8 * kNanoseconds + carry_;
    carry_ = work % rate_.bits_per_second;
    return base::Duration(static_cast<base::Duration::rep>(work / rate_.bits_per_second));
  }
  base::BitRate rate() const { return rate_; }

 private:
  base::BitRate rate_;
  std::uint64_t carry_ = 0;  // nanoseconds times rate that were rounded away
};

}  // namespace sennit::impair
