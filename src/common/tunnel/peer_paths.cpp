// Peer, its paths: routes, MTU, state, and when each is to be looked after (protocol.md section 6).
#include <algorithm>

#include "outbound/seal.hpp"
#include "tunnel/peer.hpp"

namespace sennit::tunnel {

namespace {

// A gateway forgets where a path led when nothing has come from there for so long.
constexpr base::Duration kForgetRouteAfter = std::chrono::seconds(60);
constexpr wire::InnerMtu kLeastIpv6Mtu{1280};  // RFC 8200 section 5
// Probes unanswered before another address of the gateway is tried.
constexpr unsigned kProbesPerCandidate = 4;

}  // namespace

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
  flush(now);
  PeerPath& path = find_or_make_path(id);
  const auto kept = path.path.route ? std::ranges::find(candidates, *path.path.route) : candidates.end();
  const bool keeps_route = kept != candidates.end();
  path.candidate = keeps_route ? static_cast<std::size_t>(kept - candidates.begin()) : 0;
  path.candidates = std::move(candidates);
  if (!keeps_route) {
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

void Peer::tell_gateway(base::PathId id, base::Instant now) {
  if (own_role_ == Role::kClient) announce_path(id, now);
}

void Peer::prefer_address(base::PathId id, const base::IpAddress& address) {
  PeerPath* path = find_path(id);
  if (path == nullptr || path->path.is_usable()) return;
  const auto found = std::ranges::find(path->candidates, address,
                                       [](const base::Route& route) { return route.remote.address; });
  if (found != path->candidates.end())
    try_candidate(*path, static_cast<std::size_t>(found - path->candidates.begin()));
}

void Peer::try_candidate(PeerPath& path, std::size_t candidate) {
  if (path.candidates.size() < 2 || candidate % path.candidates.size() == path.candidate) return;
  path.candidate = candidate % path.candidates.size();
  path.path.attach(path.candidates[path.candidate]);
  path.prober.restart();
  path.mtu.restart(path.path.link_mtu);
  path.announcement.demand();
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
  if (now >= route_expiry(path)) {
    flush(now);
    path.path.detach();
  }
  if (is_silent(path)) return;
  if (path.prober.has_given_up(path.path, now)) {
    path.path.mark_unreachable();
    path.mtu.note_interruption();
    tell_gateway(path.path.id, now);
  }
  run_awaited(path, now);
  note_saturation(path, now);
  if (now >= path.reporter.next_report()) send_report(path, now);
  if (now >= path.prober.next_probe(path.path)) {
    if (!path.path.is_usable() && path.prober.unanswered() >= kProbesPerCandidate)
      try_candidate(path, path.candidate + 1);
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

base::Instant Peer::next_wakeup_of(const PeerPath& path) const {
  if (is_silent(path)) return route_expiry(path);
  auto next = std::min({path.prober.next_probe(path.path), route_expiry(path), next_awaited(path),
                        path.reporter.next_report()});
  if (path.last_limit != link::Limit::kNone) next = std::min(next, path.path.capacity.saturated_until());
  if (path.path.is_usable()) next = std::min(next, next_mtu_probe(path));
  return next;
}

// When a path may send what waits for it.
base::Instant Peer::next_departure(const PeerPath& path, base::Instant now) const {
  if (!path.path.is_usable() || (path.path.committed.value == 0 && !has_waiting_for(path)))
    return base::kNever;
  return path.path.pacer.next_wakeup(now);
}

}  // namespace sennit::tunnel
