#include "control/path_mtu.hpp"

#include <algorithm>

namespace sennit::control {

void PathMtuSearch::restart(link::PathMtu ceiling) {
  *this = PathMtuSearch{};
  ceiling_ = current_ = high_ = trying_ = std::max(ceiling, kFloor);
}

base::Instant PathMtuSearch::next_probe(bool is_busy) const {
  if (phase_ != Phase::kSettled || is_waiting_ || tries_ > 0) return deadline_;
  return is_busy ? std::min(deadline_, raise_at_) : raise_at_;
}

void PathMtuSearch::note_sent(base::Duration timeout, base::Instant now) {
  ++tries_;
  is_waiting_ = true;
  deadline_ = now + timeout;
}

void PathMtuSearch::expire(base::Instant now) {
  if (!is_waiting_) {
    if (phase_ == Phase::kSettled && now >= raise_at_) {
      low_ = current_;
      high_ = trying_ = ceiling_;
      phase_ = Phase::kSearching;
      raise_at_ = base::kNever;
      deadline_ = now;
    }
    return;
  }
  if (now < deadline_) return;
  is_waiting_ = false;
  if (tries_ >= kMaxProbes) fail(now);
}

void PathMtuSearch::note_interruption() {
  tries_ = 0;
  is_waiting_ = false;
}

void PathMtuSearch::note_echo(link::PathMtu size, base::Instant now) {
  if (size < trying_) return;
  is_waiting_ = false;
  tries_ = 0;
  low_ = std::max(low_, trying_);
  current_ = std::max(current_, trying_);
  if (phase_ == Phase::kSearching) {
    current_ = low_;
    search(now);
  } else {
    settle(now);
  }
}

void PathMtuSearch::note_too_big(link::PathMtu size, base::Instant now) {
  if (size > high_ || size <= kFloor) return;
  high_ = link::PathMtu{static_cast<std::uint16_t>(size.value - 1)};
  if (low_ > high_) low_ = kFloor;
  if (trying_ >= size) fail(now);
}

// The size tried does not pass.
void PathMtuSearch::fail(base::Instant now) {
  tries_ = 0;
  is_waiting_ = false;
  if (phase_ != Phase::kSearching) {
    // Neither the ceiling nor what was found earlier can be relied on.
    low_ = kFloor;
    current_ = std::min(current_, kBase);
    high_ = std::min(high_, trying_);
    phase_ = Phase::kSearching;
  }
  if (trying_ <= high_ && trying_ > low_)
    high_ = link::PathMtu{static_cast<std::uint16_t>(trying_.value - 1)};
  current_ = std::min(current_, high_ < kBase ? low_ : std::max(low_, kBase));
  search(now);
}

void PathMtuSearch::search(base::Instant now) {
  if (low_ >= high_) {
    settle(now);
    return;
  }
  deadline_ = now;
  if (low_ < kBase && high_ >= kBase) {
    trying_ = kBase;
  } else {
    trying_ = link::PathMtu{static_cast<std::uint16_t>((low_.value + high_.value + 1) / 2)};
  }
}

void PathMtuSearch::settle(base::Instant now) {
  phase_ = Phase::kSettled;
  current_ = trying_ = low_;
  deadline_ = now + kConfirmInterval;
  // A confirmation does not put the next try upwards off.
  raise_at_ = current_ < ceiling_ ? std::min(raise_at_, now + kRaiseInterval) : base::kNever;
}

}  // namespace sennit::control
