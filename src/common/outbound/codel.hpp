// Controlled delay (RFC 8289): decides, packet by packet as they leave a queue, whether the queue has stood
// too long and this one must be dropped or marked. Holds no packets. Invariant: never drops while the least
// delay of an interval is below the target.
#pragma once

#include <algorithm>
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
    const bool stands = note_wait(waited, is_last, parameters, now);
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
  bool note_wait(base::Duration waited, bool is_last, const Parameters& parameters, base::Instant now) {
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
  // Section 5.3's control law, down to what it takes a flow to answer: with a queue of its own, a flow that
  // is told again before that gives up more than it has to.
  base::Duration spacing(const Parameters& parameters) const {
    const double interval = static_cast<double>(parameters.interval.count());
    const double by_law = interval / std::sqrt(static_cast<double>(count_));
    return base::Duration(static_cast<std::int64_t>(std::max(by_law, interval * kLeastShare)));
  }

  static constexpr double kLeastShare = 0.75;

  bool is_dropping_ = false;
  base::Instant first_above_ = base::Instant::min();
  base::Instant next_drop_;
  std::uint32_t count_ = 0;
  std::uint32_t last_count_ = 0;
};

}  // namespace sennit::outbound
