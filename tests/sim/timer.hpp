// A wake-up that may be moved at any time, over Network's events, which cannot be taken back. Moving it later
// costs no event. Invariant: expires at most once for each set().
#pragma once

#include <functional>
#include <utility>

#include "sim/network.hpp"

namespace sennit::sim {

class Timer {
 public:
  Timer(Network& network, std::function<void()> expire) : network_(network), expire_(std::move(expire)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Expires then; kNever takes it back.
  void set(base::Instant deadline) {
    deadline_ = deadline;
    if (deadline < event_) schedule();
  }

 private:
  void schedule() {
    event_ = deadline_;
    network_.at(event_, [this, when = event_] { happen(when); });
  }
  void happen(base::Instant when) {
    if (when != event_) return;
    event_ = base::kNever;
    if (deadline_ == base::kNever) return;
    if (deadline_ > network_.now().monotonic) {
      schedule();
      return;
    }
    deadline_ = base::kNever;
    expire_();
  }

  Network& network_;
  std::function<void()> expire_;
  base::Instant deadline_ = base::kNever;
  base::Instant event_ = base::kNever;
};

}  // namespace sennit::sim
