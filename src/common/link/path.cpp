#include "link/path.hpp"

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
