// When a path may send next, so that it is filled at its rate and no queue builds up behind it. Time and
// bytes in, time out. Its schedule does not drift: who comes late may send what was due meanwhile, up to
// kBurst. Invariant: over any time t, no more than rate * (t + kBurst) and one datagram is let through, but
// for what is declared urgent.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::link {

class Pacer {
 public:
  // What a late wake-up may catch up with.
  static constexpr base::Duration kBurst = std::chrono::milliseconds(3);
  // Urgent datagrams may go so much ahead of their time.
  static constexpr base::Duration kUrgent = std::chrono::milliseconds(4);
  // Datagrams closer together than this are sent together.
  static constexpr base::Duration kGrain = std::chrono::microseconds(500);

  // Zero: no limit.
  void set_rate(base::BitRate rate) {
    if (is_far_above(rate) && next_ > last_wakeup_ + kLongDebt) shorten_debt(rate);
    rate_ = rate;
  }
  base::BitRate rate() const { return rate_; }
  bool is_open(base::Instant now) const { return rate_.bits_per_second == 0 || next_ <= now; }
  bool is_open_to_urgent(base::Instant now) const { return is_open(now + kUrgent); }
  // When the schedule lets the next datagram go; in the past when it waits for one.
  base::Instant next(base::Instant now) const { return is_open(now) ? now : next_; }
  // When it is worth waking up for.
  base::Instant next_wakeup(base::Instant now) const { return std::max(next(now), last_wakeup_ + kGrain); }
  // A datagram of so many bytes, headers included, was sent.
  void note_sent(base::Bytes size, base::Instant now) {
    last_wakeup_ = now;
    if (rate_.bits_per_second == 0) return;
    next_ = std::max(next_, now - kBurst) + time_for(size);
  }
  // How long the path needs for so much.
  base::Duration time_for(base::Bytes size) const {
    if (rate_.bits_per_second == 0) return {};
    const double seconds = static_cast<double>(size.value) * 8 / static_cast<double>(rate_.bits_per_second);
    return base::Duration(static_cast<std::int64_t>(seconds * 1e9));
  }

 private:
  // What is owed for less long is paid as it was scheduled, whatever the rate becomes: that of a path changes
  // with every report.
  static constexpr base::Duration kLongDebt = std::chrono::seconds(1);

  bool is_far_above(base::BitRate rate) const {
    constexpr std::uint64_t kFar = 8;
    return rate.bits_per_second == 0 || rate.bits_per_second / kFar >= rate_.bits_per_second;
  }
  // Urgent datagrams went ahead at a rate far too low: the same bytes are owed now, not the same time.
  void shorten_debt(base::BitRate rate) {
    const auto owed = base::to_seconds(next_ - last_wakeup_) * static_cast<double>(rate_.bits_per_second);
    const auto seconds = rate.bits_per_second == 0 ? 0 : owed / static_cast<double>(rate.bits_per_second);
    next_ = last_wakeup_ + base::Duration(static_cast<std::int64_t>(seconds * 1e9));
  }

  base::BitRate rate_;
  base::Instant next_ = base::Instant::min() + kUrgent + kBurst;
  base::Instant last_wakeup_ = base::Instant::min();
};

}  // namespace sennit::link
