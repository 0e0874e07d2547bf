// Peer: sessions, and what time brings about.
#include "tunnel/peer.hpp"

#include <algorithm>

#include "outbound/seal.hpp"

namespace sennit::tunnel {

namespace {

constexpr std::size_t kMaxUnconfirmed = 4;
constexpr base::Duration kLongestTarget = std::chrono::milliseconds(80);

// Flows see the slowest path's round trip, and more while a loss is repaired: to stay busy they need a queue
// as long as that. It is theirs alone: others have queues of their own.
outbound::CoDel::Parameters codel_for(base::Duration round_trip, base::Duration waited) {
  const outbound::CoDel::Parameters least;
  return {std::max(least.target, std::min(round_trip, kLongestTarget)),
          std::max(least.interval, 2 * (round_trip + waited))};
}

}  // namespace

Peer::Peer(base::PeerId id, Role own_role, PeerConfig config, const EndpointConfig& endpoint,
           AllowedIps& allowed, Outputs& outputs)
    : id_(id),
      own_role_(own_role),
      config_(std::move(config)),
      fixed_mtu_(endpoint.fixed_mtu),
      allowed_(allowed),
      out_(outputs),
      inner_mtu_(endpoint.fixed_mtu.value_or(kUsualMtu)) {
  classes_.reserve(1 + endpoint.policies.size());
  classes_.emplace_back(outbound::ClassId{}, endpoint.mode, std::vector<std::string>{});
  for (const auto& policy : endpoint.policies) {
    const auto number = static_cast<std::uint8_t>(classes_.size());
    classes_.emplace_back(outbound::ClassId{number}, policy.mode, policy.links);
  }
}

// --- sessions ---

void Peer::start_session(crypto::Session session, PeerUp greeting, base::Instant now) {
  make_current(std::make_unique<LiveSession>(std::move(session), std::move(greeting), now), now);
}

void Peer::add_unconfirmed(crypto::Session session, PeerUp greeting, base::Instant now) {
  if (unconfirmed_.size() == kMaxUnconfirmed) unconfirmed_.erase(unconfirmed_.begin());
  unconfirmed_.push_back(std::make_unique<LiveSession>(std::move(session), std::move(greeting), now));
}

void Peer::confirm(const LiveSession& session, base::Instant now) {
  const auto found = std::ranges::find(unconfirmed_, &session, [](const auto& held) { return held.get(); });
  if (found == unconfirmed_.end()) return;
  auto confirmed = std::move(*found);
  unconfirmed_.clear();
  make_current(std::move(confirmed), now);
}

void Peer::make_current(std::unique_ptr<LiveSession> session, base::Instant now) {
  flush(now);
  retire(std::exchange(former_, std::move(current_)));
  former_until_ = now + LiveSession::kKeepFormer;
  current_ = std::move(session);
  for (auto& path : paths_) {
    if (!path) continue;
    path->prober.restart();
    path->path.loss.restart();
    path->reporter.restart();
    path->sent.restart(out_.buffers);
    path->awaited = {};
    path->path.unreported = {};
    for (auto& lost : path->again) {
      path->path.committed.value -= lost.frame.size();
      out_.buffers.give_back(std::move(lost.frame));
    }
    path->again.clear();
    path->last_report.reset();
    path->last_announced.reset();
    if (own_role_ == Role::kClient) path->announcement.demand();
  }
  renumber_waiting();
  was_ever_up_ = true;
  if (told_ == current_->on_up) return;
  told_ = current_->on_up;
  out_.events.emplace_back(*told_);
}

LiveSession* Peer::find_session(base::SessionIndex local, base::Instant now) {
  const auto is_it = [&](const std::unique_ptr<LiveSession>& held) {
    return held && held->session.local_index() == local && !held->has_expired(now);
  };
  if (is_it(current_)) return current_.get();
  if (is_it(former_)) return former_.get();
  const auto found = std::ranges::find_if(unconfirmed_, is_it);
  return found == unconfirmed_.end() ? nullptr : found->get();
}

std::optional<base::Instant> Peer::session_since() const {
  return current_ ? std::optional(current_->established) : std::nullopt;
}

std::vector<base::SessionIndex> Peer::local_indices() const {
  std::vector<base::SessionIndex> indices;
  if (current_) indices.push_back(current_->session.local_index());
  if (former_) indices.push_back(former_->session.local_index());
  for (const auto& session : unconfirmed_) indices.push_back(session->session.local_index());
  return indices;
}

void Peer::forget_sessions(DownReason reason, base::Instant now) {
  flush(now);
  retire(std::move(current_));
  retire(std::move(former_));
  drop_waiting();
  for (auto& path : paths_) {
    if (!path) continue;
    path->path.mark_unreachable();
    if (own_role_ == Role::kGateway) {
      // The next session's paths are new ones.
      path->path.detach();
      path->path.withdrawn = false;
    }
    note_state(*path, now);
  }
  if (!told_) return;
  told_.reset();
  out_.events.emplace_back(PeerDown{id_, reason});
}

void Peer::close(base::Instant now) {
  if (!current_) return;
  constexpr std::size_t kCopies = 3;
  const auto usable = std::ranges::count_if(path_list_, &link::Path::is_usable);
  const auto copies = usable > 1 ? 1 : kCopies;
  for (auto* path : path_list_) {
    if (!path->is_usable()) continue;
    std::array<std::uint8_t, 16> frame{};
    wire::ControlWriter writer(frame);
    writer.add(wire::Close{});
    for (std::size_t i = 0; i < copies; ++i)
      seal_bare(*path, base::ConstByteSpan(frame).first(writer.written()), now);
  }
}

void Peer::drop_expired(base::Instant now) {
  if (former_ && now >= former_until_) retire(std::move(former_));
  std::erase_if(unconfirmed_,
                [&](const auto& session) { return now - session->established >= LiveSession::kKeepFormer; });
  if (current_ && current_->has_expired(now)) forget_sessions(DownReason::kExpired, now);
}

// What the session gave out in this call may lie in its buffers: it stays until the next call is over.
void Peer::retire(std::unique_ptr<LiveSession> session) {
  if (!session) return;
  ended_reordering_ += session->resequencer.counts();
  ended_.push_back(std::move(session));
}

std::vector<LiveSession*> Peer::sessions_in_use() const {
  std::vector<LiveSession*> sessions;
  for (auto* session : {former_.get(), current_.get()})
    if (session != nullptr) sessions.push_back(session);
  return sessions;
}

void Peer::set_own_addresses(const std::vector<base::Prefix>& addresses) {
  own_v4_ = own_v6_ = {};
  for (const auto& prefix : addresses) {
    auto& own = prefix.family() == base::Family::kV4 ? own_v4_ : own_v6_;
    if (own.family() == base::Family::kNone) own = prefix.address();
  }
  update_mtu();
}

// --- time ---

void Peer::handle_timeout(base::Instant now) {
  drop_expired(now);
  out_.drops.count(base::DropReason::kReassembly, reassembler_.expire(now));
  for (LiveSession* session : sessions_in_use()) deliver(session->resequencer.expire(now), now);
  for (auto& path : paths_) {
    if (path) run_path(*path, now);
  }
  update_patience(now);
  update_mtu();
}

// A packet may come so much later than one that was sent after it over the quickest path.
void Peer::update_patience(base::Instant now) {
  base::Duration slowest{};
  base::Duration quickest = kLongestPatience;
  const auto counts = [](const auto* path) { return path->is_usable() && path->rtt.known(); };
  for (const auto* path : path_list_)
    if (counts(path)) quickest = std::min(quickest, path->rtt.minimum(now));
  for (const auto* path : path_list_) {
    // Those that are much later take no packets (outbound::Scheduler).
    if (!counts(path) || path->rtt.minimum(now) > quickest + 2 * outbound::Scheduler::kHorizon) continue;
    slowest = std::max(slowest, path->rtt.smoothed() + 2 * path->rtt.variation());
  }
  if (slowest == base::Duration{}) return;
  patience_ = std::clamp(slowest - quickest, kLeastPatience, kLongestPatience);
  for (auto& traffic : classes_)
    if (traffic.queue) traffic.queue->set_codel(codel_for(slowest, traffic.queue->delay()));
  for (const auto& path : paths_)
    if (path && path->own_queue)
      path->own_queue->set_codel(codel_for(path->path.rtt.smoothed(), path->own_queue->delay()));
  repair_patience_ = std::min(slowest + 2 * quickest + kRepairAllowance, kLongestPatience);
}

base::Instant Peer::next_wakeup(base::Instant now) const {
  auto next = reassembler_.next_expiry();
  if (former_) next = std::min({next, former_until_, former_->resequencer.next_expiry()});
  if (current_) next = std::min(next, current_->resequencer.next_expiry());
  if (current_) next = std::min(next, current_->established + LiveSession::kRejectAfter);
  for (const auto& session : unconfirmed_)
    next = std::min(next, session->established + LiveSession::kKeepFormer);
  for (const auto& path : paths_) {
    if (path) next = std::min({next, next_wakeup_of(*path), next_departure(*path, now)});
  }
  return next;
}

}  // namespace sennit::tunnel
