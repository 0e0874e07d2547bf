#include "tunnel/wakeup_queue.hpp"

namespace sennit::tunnel {

void WakeupQueue::arm(base::PeerId peer, base::Instant at) {
  peers_[peer.value].armed = at;
  if (at != base::kNever) heap_.push({at, peer});
}

void WakeupQueue::set(base::PeerId peer, base::Instant at) {
  auto& wish = peers_[peer.value];
  wish.at = at;
  // A later wish needs no entry yet: the earlier entry leads to it, by pop_due().
  if (at < wish.armed) arm(peer, at);
}

std::optional<base::PeerId> WakeupQueue::pop_due(base::Instant now) {
  while (!heap_.empty() && heap_.top().at <= now) {
    const Entry entry = heap_.top();
    heap_.pop();
    auto& wish = peers_[entry.peer.value];
    if (entry.at != wish.armed) continue;
    wish.armed = base::kNever;
    if (wish.at <= now) {
      wish.at = base::kNever;
      return entry.peer;
    }
    arm(entry.peer, wish.at);
  }
  return std::nullopt;
}

}  // namespace sennit::tunnel
