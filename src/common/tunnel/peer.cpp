#include "tunnel/peer.hpp"

#include <algorithm>

#include "outbound/seal.hpp"

namespace sennit::tunnel {

namespace {

// A gateway forgets where a path led when nothing has come from there for so long.
constexpr base::Duration kForgetRouteAfter = std::chrono::seconds(60);
constexpr std::size_t kMaxUnconfirmed = 4;
// What a link of MTU 1500 leaves over IPv4, until there is a path to ask.
constexpr wire::InnerMtu kUsualMtu{1440};
constexpr wire::InnerMtu kLeastIpv6Mtu{1280};  // RFC 8200 section 5
// Probes unanswered before another address of the gateway is tried.
constexpr unsigned kProbesPerCandidate = 4;
constexpr base::Duration kLongestTarget = std::chrono::milliseconds(80);

// Flows see the slowest path's round trip, and more while a loss is repaired: to stay busy they need a queue
// of about half of that. It is theirs alone: others have queues of their own.
outbound::CoDel::Parameters codel_for(base::Duration round_trip) {
  const outbound::CoDel::Parameters least;
  return {std::max(least.target, std::min(round_trip, kLongestTarget)),
          std::max(least.interval, 2 * round_trip)};
}

TrafficReport report_traffic(const base::TrafficCounter& counter, base::Instant now) {
  return {counter.packets(), counter.bytes(), counter.rate(now), counter.rate_mean(now),
          counter.rate_max(now)};
}

}  // namespace

Peer::Peer(base::PeerId id, Role own_role, PeerConfig config, outbound::Mode mode,
           std::optional<wire::InnerMtu> fixed_mtu, AllowedIps& allowed, Outputs& outputs)
    : id_(id),
      own_role_(own_role),
      config_(std::move(config)),
      fixed_mtu_(fixed_mtu),
      allowed_(allowed),
      out_(outputs),
      scheduler_(mode),
      inner_mtu_(fixed_mtu.value_or(kUsualMtu)) {}

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
  retire(std::move(current_));
  retire(std::move(former_));
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

// --- paths ---

PeerPath& Peer::find_or_make_path(base::PathId id) {
  auto& slot = paths_[id.value];
  if (!slot) {
    const auto duty =
        own_role_ == Role::kClient ? control::ProbeDuty::kAlways : control::ProbeDuty::kWhenSending;
    slot = std::make_unique<PeerPath>(id, duty);
    path_list_.push_back(&slot->path);
    std::ranges::sort(path_list_, {}, [](const link::Path* path) { return path->id; });
  }
  return *slot;
}

void Peer::attach_path(base::PathId id, std::vector<base::Route> candidates, link::PathMtu link_mtu,
                       base::Instant now) {
  PeerPath& path = find_or_make_path(id);
  const bool keeps_route =
      path.path.route && std::ranges::find(candidates, *path.path.route) != candidates.end();
  path.candidates = std::move(candidates);
  if (!keeps_route) {
    path.candidate = 0;
    path.path.detach();
    if (!path.candidates.empty()) path.path.attach(path.candidates.front());
    path.prober.restart();
  }
  if (!keeps_route || link_mtu != path.mtu.ceiling()) {
    path.path.link_mtu = path.path.mtu = link_mtu;
    path.mtu.restart(link_mtu);
  }
  announce_path(id, now);
  note_state(path, now);
  update_mtu();
}

bool Peer::has_usable_path() const {
  return std::ranges::any_of(path_list_, &link::Path::is_usable);
}

bool Peer::note_too_big(const base::Route& route, std::size_t size, base::Instant now) {
  const auto ip_size = size + base::outer_overhead(route.remote.address.family());
  const auto found = std::ranges::find(path_list_, std::optional(route), &link::Path::route);
  if (found == path_list_.end() || ip_size > 0xFFFF) return false;
  PeerPath& path = *paths_[(*found)->id.value];
  path.mtu.note_too_big(link::PathMtu{static_cast<std::uint16_t>(ip_size)}, now);
  take_mtu(path);
  update_mtu();
  return true;
}

void Peer::set_own_addresses(const std::vector<base::Prefix>& addresses) {
  own_v4_ = own_v6_ = {};
  for (const auto& prefix : addresses) {
    auto& own = prefix.family() == base::Family::kV4 ? own_v4_ : own_v6_;
    if (own.family() == base::Family::kNone) own = prefix.address();
  }
  update_mtu();
}

void Peer::tell_gateway(base::PathId id, base::Instant now) {
  if (own_role_ == Role::kClient) announce_path(id, now);
}

// What the search has found. Larger packets were lost, and that told nothing of the path's capacity.
void Peer::take_mtu(PeerPath& path) {
  const auto before = std::exchange(path.path.mtu, path.mtu.current());
  if (path.path.mtu >= before) return;
  path.path.capacity.restart();
  path.path.pacer.set_rate(path.path.capacity.rate());
}

void Peer::update_mtu() {
  if (fixed_mtu_) return;
  std::optional<std::uint64_t> least;
  const bool any_proven =
      std::ranges::any_of(path_list_, [](const auto* p) { return p->route && p->has_been_up(); });
  for (const auto* path : path_list_) {
    // Paths that never answered do not count as long as there are others.
    if (!path->route || (any_proven && !path->has_been_up())) continue;
    const auto inner = outbound::largest_inner(*path).value;
    least = least ? std::min(*least, inner) : inner;
  }
  if (!least) return;
  inner_mtu_ = wire::InnerMtu{static_cast<std::uint16_t>(*least)};
  if (own_v6_.family() == base::Family::kV6) inner_mtu_ = std::max(inner_mtu_, kLeastIpv6Mtu);
}

void Peer::note_state(PeerPath& path, base::Instant now) {
  const auto state = path.path.state();
  if (state == path.last_state) return;
  for (auto& held : paths_)
    if (held && !held->path.is_usable()) rescue(*held, now);
  out_.events.emplace_back(PathChanged{id_, path.path.id, path.path.link_name, path.last_state, state});
  path.last_state = state;
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

// Nothing is to be sent on this path, not even a probe.
bool Peer::is_silent(const PeerPath& path) const {
  const bool is_switched_off = path.path.withdrawn && !path.announcement.is_pending();
  return !path.path.route || !current_ || is_switched_off;
}

void Peer::run_path(PeerPath& path, base::Instant now) {
  path.path.highest_tx = std::max(path.path.highest_tx, path.path.capacity.highest());
  path.path.highest_rx = std::max(path.path.highest_rx, path.path.capacity_rx);
  path.path.capacity.relax(now);
  path.path.pacer.set_rate(path.path.capacity.rate());
  if (now >= route_expiry(path)) path.path.detach();
  if (is_silent(path)) return;
  if (path.prober.has_given_up(path.path, now)) {
    path.path.mark_unreachable();
    path.mtu.note_interruption();
    tell_gateway(path.path.id, now);
  }
  run_awaited(path, now);
  if (now >= path.reporter.next_report()) send_report(path, now);
  if (now >= path.prober.next_probe(path.path)) {
    if (!path.path.is_usable() && path.prober.unanswered() >= kProbesPerCandidate) try_next_candidate(path);
    send_probe(path, now);
  }
  if (path.path.is_usable()) {
    path.mtu.expire(now);
    take_mtu(path);
    if (now >= next_mtu_probe(path)) send_mtu_probe(path, now);
  }
  note_state(path, now);
}

// A gateway forgets where a path led when nothing has come from there for long.
base::Instant Peer::route_expiry(const PeerPath& path) const {
  const bool expires = own_role_ == Role::kGateway && path.path.route;
  return expires ? path.prober.last_heard() + kForgetRouteAfter : base::kNever;
}

// A path is confirmed again when inner packets were sent on it during the interval before.
base::Instant Peer::next_mtu_probe(const PeerPath& path) const {
  const auto last = path.path.last_inner_sent;
  const auto when_busy = path.mtu.next_probe(true);
  const bool is_busy = last && when_busy < *last + control::PathMtuSearch::kConfirmInterval;
  return is_busy ? when_busy : path.mtu.next_probe(false);
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
  if (queue_) queue_->set_codel(codel_for(slowest));
  for (const auto& path : paths_)
    if (path && path->own_queue) path->own_queue->set_codel(codel_for(path->path.rtt.smoothed()));
  repair_patience_ = std::min(slowest + 2 * quickest + kRepairAllowance, kLongestPatience);
}

base::Instant Peer::next_wakeup_of(const PeerPath& path) const {
  if (is_silent(path)) return route_expiry(path);
  auto next = std::min({path.prober.next_probe(path.path), route_expiry(path), next_awaited(path),
                        path.reporter.next_report()});
  if (path.path.is_usable()) next = std::min(next, next_mtu_probe(path));
  return next;
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

// When a path may send what waits for it.
base::Instant Peer::next_departure(const PeerPath& path, base::Instant now) const {
  const bool has_own = path.own_queue && !path.own_queue->empty();
  const bool has_shared = queue_ && !queue_->empty();
  if (!path.path.is_usable() || (path.path.committed.value == 0 && !has_own && !has_shared))
    return base::kNever;
  return path.path.pacer.next_wakeup(now);
}

QueueReport Peer::report_queues() const {
  QueueReport report;
  const auto add = [&report](const outbound::FairQueue* queue) {
    if (queue == nullptr) return;
    report.packets += queue->packets();
    report.bytes += queue->bytes();
    report.delay = std::max(report.delay, queue->empty() ? base::Duration{} : queue->delay());
    report.drops += queue->counts().drops;
    report.marks += queue->counts().marks;
  };
  add(queue_.get());
  for (const auto& path : paths_) {
    if (!path) continue;
    add(path->own_queue.get());
    report.packets += path->lane.size();
    report.bytes += path->path.committed;
  }
  return report;
}

// A new session counts its flows' packets anew: those that wait with a number get another, in their order.
void Peer::renumber_waiting() {
  std::vector<outbound::Waiting*> waiting;
  for (auto& path : paths_) {
    if (!path) continue;
    if (scheduler_.mode() == outbound::Mode::kRedundant) path->own_queue.reset();
    for (auto& packet : path->lane) waiting.push_back(&packet);
  }
  std::ranges::sort(waiting, [](const auto* a, const auto* b) {
    if (a->bucket != b->bucket) return a->bucket < b->bucket;
    return static_cast<std::int32_t>(a->sequence->value - b->sequence->value) < 0;
  });
  for (auto* packet : waiting) packet->sequence = current_->next_sequence(packet->bucket);
}

// --- report ---

PeerReport Peer::report(base::Instant now) const {
  PeerReport report;
  report.id = id_;
  report.name = config_.name;
  report.state = current_ && has_usable_path() ? PeerState::kUp
                 : was_ever_up_                ? PeerState::kDown
                                               : PeerState::kConnecting;
  if (current_) {
    report.handshake_age = now - current_->established;
    report.cipher = current_->session.cipher();
  }
  report.addresses = own_role_ == Role::kClient && told_ ? told_->gateway_addresses : config_.addresses;
  report.mtu = inner_mtu_;
  report.tx = report_traffic(tx_, now);
  report.rx = report_traffic(rx_, now);
  report.resent = resent_;
  report.queue = report_queues();
  report.reordering = ended_reordering_;
  if (former_) report.reordering += former_->resequencer.counts();
  if (current_) report.reordering += current_->resequencer.counts();
  report.duplicates = duplicates_ + report.reordering.duplicates;
  for (const auto& held : paths_) {
    if (!held) continue;
    const auto& path = held->path;
    PathReport entry;
    entry.id = path.id;
    entry.link = path.link_name;
    entry.route = path.route;
    entry.state = path.state();
    entry.mtu = path.mtu;
    if (path.rtt.known()) entry.rtt = path.rtt.smoothed();
    if (path.rtt.known()) entry.rtt_min = path.rtt.minimum(now);
    entry.tx_queue_delay = path.tx_queue_delay();
    entry.rx_queue_delay = path.rx_queue_delay();
    entry.loss = path.loss.loss();
    entry.tx = report_traffic(path.tx, now);
    entry.rx = report_traffic(path.rx, now);
    entry.told_tx = path.told_rate;
    entry.capacity_tx = path.capacity.capacity();
    entry.capacity_rx = path.capacity_rx;
    entry.saturation_tx = path.capacity.saturation(now);
    entry.is_saturated_rx = path.is_saturated_rx;
    entry.highest_tx = std::max(path.highest_tx, path.capacity.highest());
    entry.highest_rx = path.highest_rx;
    report.paths.push_back(std::move(entry));
  }
  return report;
}

void Peer::try_next_candidate(PeerPath& path) {
  if (path.candidates.size() < 2) return;
  path.candidate = (path.candidate + 1) % path.candidates.size();
  path.path.attach(path.candidates[path.candidate]);
  path.prober.restart();
  path.mtu.restart(path.path.link_mtu);
  path.announcement.demand();
}

}  // namespace sennit::tunnel
