// The way out over one path: how long it takes, and how much of that is waiting in a queue. Delays are
// differences between two clocks that know nothing of each other: only comparing them means anything, with
// one another on one path (queueing), and between the paths of one peer, which share the clocks' offset (the
// quicker path). Written by control, read by the scheduler. Invariant: queue() is never negative.
// Reasons: docs/scheduling.md, "Delay".
#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.hpp"
#include "link/moving_minimum.hpp"

namespace sennit::link {

class OneWayDelay {
 public:
  // Long enough to see an empty queue now and then, short enough for clocks that drift.
  static constexpr base::Duration kSlot = std::chrono::seconds(10);

  // The delay of one datagram, or the least of a few.
  void add(base::Duration delay, base::Instant now) {
    least_.add(delay, now);
    latest_ = delay;
    base_ = least_.value(now).value_or(delay);
    is_known_ = true;
  }
  bool is_known() const { return is_known_; }
  // The delay without queueing.
  base::Duration base() const { return base_; }
  // What the newest delay exceeds that by.
  base::Duration queue() const { return std::max(base::Duration::zero(), latest_ - base_); }
  // The delay of now is not ours to shorten: another route, or somebody else's queue.
  void rebase(base::Instant now) {
    least_ = MovingMinimum(kSlot);
    if (is_known_) add(latest_, now);
  }

 private:
  MovingMinimum least_{kSlot};
  base::Duration latest_{};
  base::Duration base_{};
  bool is_known_ = false;
};

}  // namespace sennit::link
