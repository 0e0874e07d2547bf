#include "link/path.hpp"

#include <algorithm>
#include <chrono>

namespace sennit::link {

std::string_view to_string(PathState state) {
  switch (state) {
    case PathState::kConnecting: return "connecting";
    case PathState::kUp: return "up";
    case PathState::kLossy: return "lossy";
    case PathState::kDown: return "down";
    case PathState::kBackup: return "backup";
  }
  return "unknown";
}

PathState Path::state() const {
  if (!route || withdrawn) return PathState::kDown;
  if (!reachable_) return has_been_up_ ? PathState::kDown : PathState::kConnecting;
  if (use == PathUse::kBackup) return PathState::kBackup;
  return loss.loss() > kLossyShare ? PathState::kLossy : PathState::kUp;
}

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::kNone: return "none";
    case Cause::kQueue: return "queue";
    case Cause::kPolicer: return "policer";
    case Cause::kTold: return "told";
    case Cause::kLossy: return "lossy";
    case Cause::kSilent: return "silent";
  }
  return "none";
}

Cause cause_of(Limit limit) {
  switch (limit) {
    case Limit::kNone: return Cause::kNone;
    case Limit::kQueue: return Cause::kQueue;
    case Limit::kPolicer: return Cause::kPolicer;
    case Limit::kTold: return Cause::kTold;
  }
  return Cause::kNone;
}

Cause Path::cause(base::Instant now) const {
  if (is_suspect || (has_been_up_ && !is_usable())) return Cause::kSilent;
  const auto limit = capacity.saturation(now);
  if (limit != Limit::kNone) return cause_of(limit);
  return std::max(loss.loss(), capacity.random_loss()) > kLossyShare ? Cause::kLossy : Cause::kNone;
}

void Path::attach(const base::Route& new_route) {
  route = new_route;
  reachable_ = has_been_up_ = false;
  is_suspect = false;
  rtt = {};
  way_out = {};
  unreported = {};
  allowance = kFirstAllowance;
  capacity.restart();
  pacer = {};
  pacer.set_rate(capacity.rate());
  clock_offset_.reset();
  least_one_way_delay_ = {};
  rx_queue_delay_ = {};
  is_saturated_rx = false;
  cause_rx = Cause::kNone;
}

void Path::detach() {
  route.reset();
  reachable_ = false;
}

void Path::note_one_way_delay(std::uint32_t sent_at, std::uint32_t arrived_at, base::Instant now) {
  // The clocks' offset is unknown: only differences mean anything, so all are taken against the first.
  if (!clock_offset_) clock_offset_ = arrived_at - sent_at;
  const auto relative = static_cast<std::int32_t>(arrived_at - sent_at - *clock_offset_);
  const base::Duration delay = std::chrono::microseconds(relative);
  least_one_way_delay_.add(delay, now);
  rx_queue_delay_ = delay - least_one_way_delay_.value(now).value_or(delay);
}

}  // namespace sennit::link
