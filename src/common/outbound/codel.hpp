// Controlled delay (RFC 8289): decides, packet by packet as they leave a queue, whether the queue has stood
// too long and this one must be dropped or marked. Holds no packets. Invariant: never drops while the least
// delay of an interval is below the target.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

#include "base/time.hpp"

namespace sennit::outbound {

class CoDel {
 public:
  struct Parameters {
    base::Duration target = std::chrono::milliseconds(15);
    base::Duration interval = std::chrono::milliseconds(100);
  };

  // Shall the packet that waited so long be dropped? `is_last`: nothing would be left behind it.
  bool drops(base::Duration waited, bool is_last, const Parameters& parameters, base::Instant now) {
    const bool stands = has_stood(waited, is_last, parameters, now);
    if (!is_dropping_) return stands && begin(parameters, now);
    if (!stands) {
      is_dropping_ = false;
      return false;
    }
    if (now < next_drop_) return false;
    ++count_;
    next_drop_ += spacing(parameters);
    return true;
  }

 private:
  // RFC 8289 section 5.4, "dodequeue".
  bool has_stood(base::Duration waited, bool is_last, const Parameters& parameters, base::Instant now) {
    if (waited < parameters.target || is_last) {
      first_above_ = base::Instant::min();
      return false;
    }
    if (first_above_ == base::Instant::min()) {
      first_above_ = now + parameters.interval;
      return false;
    }
    return now >= first_above_;
  }
  // Section 5.4: where dropping was needed a short time ago, it begins near the rate that it ended with.
  bool begin(const Parameters& parameters, base::Instant now) {
    is_dropping_ = true;
    const bool is_recent = count_ > 2 && now - next_drop_ < 16 * parameters.interval;
    count_ = is_recent ? count_ - last_count_ > 1 ? count_ - last_count_ : 1 : 1;
    last_count_ = count_;
    next_drop_ = now + spacing(parameters);
    return true;
  }
  base::Duration spacing(const Parameters& parameters) const {
    return base::Duration(static_cast<std::int64_t>(static_cast<double>(parameters.interval.count()) /
                                                    std::sqrt(static_cast<double>(count_))));
  }

  bool is_dropping_ = false;
  base::Instant first_above_ = base::Instant::min();
  base::Instant next_drop_;
  std::uint32_t count_ = 0;
  std::uint32_t last_count_ = 0;
};

}  // namespace sennit::outbound
