#include "tunnel/connector.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sennit::tunnel {

namespace {

// The paths of a new session get so long to come up before another handshake is tried.
constexpr base::Duration kGrace = std::chrono::milliseconds(1500);
// Addresses of the gateway tried on one link at once.
constexpr std::size_t kMaxCandidates = 8;

}  // namespace

Connector::Connector(const EndpointConfig& config, Peer& peer, Outputs& outputs, IndexSource new_index)
    : peer_(peer),
      out_(outputs),
      new_index_(std::move(new_index)),
      initiator_(config.private_key, peer.config().public_key, peer.config().preshared_key,
                 config.last_timestamp),
      rng_(config.seed) {
  offer_.addresses = config.addresses;
  offer_.networks = config.networks;
  offer_.software = config.software;
  std::uint8_t next_path = 0;
  for (const auto& link : config.links) {
    auto& added = links_.emplace_back(Link{link, {next_path}, std::nullopt, true, {}});
    next_path = static_cast<std::uint8_t>(next_path + link.sockets);
    for (std::size_t i = 0; i < link.sockets; ++i) describe_path(added, i);
  }
}

Connector::Link* Connector::find(base::LinkId id) {
  const auto found = std::ranges::find(links_, id, [](const Link& link) { return link.config.id; });
  return found == links_.end() ? nullptr : &*found;
}

std::vector<base::Route> Connector::candidates(const Link& link, std::size_t position) const {
  std::vector<base::Route> routes;
  if (!link.attachment || !link.is_enabled || position >= link.attachment->sockets.size()) return routes;
  const auto& sockets = link.attachment->sockets[position];
  for (const auto& gateway : gateway_) {
    const auto& socket = gateway.address.family() == base::Family::kV4 ? sockets.v4 : sockets.v6;
    if (!socket || routes.size() == kMaxCandidates) continue;
    const auto ports = gateway.last_port - gateway.first_port + 1;
    const auto port = gateway.first_port + (link.first_path.value + static_cast<int>(position)) % ports;
    routes.push_back({*socket, {}, {gateway.address, static_cast<std::uint16_t>(port)}});
  }
  return routes;
}

// Makes the peer's path say what the link's configuration says.
void Connector::describe_path(const Link& link, std::size_t position) {
  auto& path = peer_.find_or_make_path({static_cast<std::uint8_t>(link.first_path.value + position)});
  const auto share = link.config.sockets;
  path.path.link_name = link.config.name;
  path.path.use = link.config.use;
  path.path.cost = link.config.cost;
  path.path.told_rate = {link.config.up.bits_per_second / share};
  path.path.capacity.tell(path.path.told_rate);
  path.path.pacer.set_rate(path.path.capacity.rate());
  path.rate_for_peer = {link.config.down.bits_per_second / share};
  path.path.withdrawn = !link.is_enabled;
}

void Connector::apply(Link& link, base::Instant now) {
  const auto mtu = link.attachment ? link.attachment->mtu : link::PathMtu{1500};
  for (std::size_t i = 0; i < link.config.sockets; ++i) {
    describe_path(link, i);
    peer_.attach_path({static_cast<std::uint8_t>(link.first_path.value + i)}, candidates(link, i), mtu, now);
  }
}

void Connector::set_gateway_addresses(std::vector<GatewayAddress> addresses, base::Instant now) {
  gateway_ = std::move(addresses);
  for (auto& link : links_) apply(link, now);
  hurry(now);
}

void Connector::attach(base::LinkId id, const Attachment& attachment, base::Instant now) {
  Link* link = find(id);
  if (link == nullptr) return;
  link->attachment = attachment;
  apply(*link, now);
  hurry(now);
}

void Connector::detach(base::LinkId id, base::Instant now) {
  Link* link = find(id);
  if (link == nullptr || !link->attachment) return;
  link->attachment.reset();
  apply(*link, now);
  reconsider(now);
}

void Connector::set_enabled(base::LinkId id, bool is_enabled, base::Instant now) {
  Link* link = find(id);
  if (link == nullptr || link->is_enabled == is_enabled) return;
  link->is_enabled = is_enabled;
  apply(*link, now);
  hurry(now);
}

void Connector::configure(const LinkConfig& config, base::Instant now) {
  Link* link = find(config.id);
  if (link == nullptr) return;
  const auto sockets = link->config.sockets;  // fixed while running: they number the paths
  link->config = config;
  link->config.sockets = sockets;
  for (std::size_t i = 0; i < sockets; ++i) {
    describe_path(*link, i);
    peer_.announce_path({static_cast<std::uint8_t>(link->first_path.value + i)}, now);
  }
}

// A link appeared: if the tunnel waits for one, there is no reason to wait longer.
void Connector::hurry(base::Instant now) {
  if (!peer_.has_session() || !peer_.has_usable_path()) {
    attempts_ = 0;
    next_attempt_ = now;
  }
  reconsider(now);
}

bool Connector::needs_handshake(base::Instant now) const {
  if (peer_.wants_rekey(now)) return true;
  return pathless_since_ && now - *pathless_since_ >= kGrace;
}

void Connector::reconsider(base::Instant now) {
  if (peer_.has_usable_path()) {
    pathless_since_.reset();
  } else if (!pathless_since_) {
    // A path that was given up has been waited for already; a new session's paths need a round trip.
    const bool is_new = peer_.session_since() && now - *peer_.session_since() < kGrace;
    pathless_since_ = is_new ? now : now - kGrace;
  }
  if (!needs_handshake(now)) attempts_ = 0;
}

bool Connector::is_over(const Link& link, base::SocketId socket) const {
  return link.attachment && std::ranges::any_of(link.attachment->sockets, [socket](const PathSockets& path) {
           return path.v4 == socket || path.v6 == socket;
         });
}

// An initiation goes to all addresses of the gateway at once: who answers first over a link is whom its paths
// try first. Other links follow the first answer of all until they have one of their own.
void Connector::prefer_answering(const base::InboundDatagram& response, base::SessionIndex attempt,
                                 bool is_first) {
  for (auto& link : links_) {
    const bool is_own = is_over(link, response.socket);
    if (link.answered == attempt || !(is_own || is_first)) continue;
    if (is_own) link.answered = attempt;
    for (std::size_t i = 0; i < link.config.sockets; ++i)
      peer_.prefer_address({static_cast<std::uint8_t>(link.first_path.value + i)}, response.remote.address);
  }
}

std::optional<control::Established> Connector::handle_response(const base::InboundDatagram& datagram) {
  const auto response = wire::Response::parse(datagram.bytes);
  if (!response || response->version != wire::kVersion) {
    out_.drops.count(response ? base::DropReason::kBadVersion : base::DropReason::kTooShort);
    return std::nullopt;
  }
  // Every link carried the initiation, so there are as many answers: the first one counted.
  if (response->receiver == answered_) {
    prefer_answering(datagram, response->receiver, false);
    return std::nullopt;
  }
  auto established = initiator_.read_response(*response);
  if (!established) {
    out_.drops.count(base::DropReason::kBadHandshake);
    return std::nullopt;
  }
  answered_ = established->local;
  prefer_answering(datagram, established->local, true);
  attempts_ = 0;
  pathless_since_.reset();
  return established;
}

void Connector::handle_cookie_reply(const base::InboundDatagram& datagram, base::Now now) {
  const auto reply = wire::CookieReply::parse(datagram.bytes);
  const base::Route route{datagram.socket, {}, datagram.remote};
  if (!reply || !initiator_.read_cookie_reply(route, *reply, now.monotonic)) {
    out_.drops.count(base::DropReason::kBadHandshake);
    return;
  }
  // The same initiation once more, now with the proof: by the next attempt the gateway may have another
  // secret.
  if (std::exchange(proven_, reply->receiver) != reply->receiver) send_initiation_on(route, now.monotonic);
}

base::Duration Connector::retry_interval() {
  const auto doubled = kFirstRetry * (1U << std::min(attempts_, 8U));
  const auto jitter = 0.8 + 0.4 * rng_.uniform();
  return std::chrono::duration_cast<base::Duration>(std::min(doubled, kLastRetry) * jitter);
}

void Connector::handle_timeout(base::Now now) {
  reconsider(now.monotonic);
  if (!needs_handshake(now.monotonic) || now.monotonic < next_attempt_) return;
  initiator_.begin(new_index_(), offer_, now.wall);
  send_initiation(now.monotonic);
  next_attempt_ = now.monotonic + retry_interval();
  ++attempts_;
}

void Connector::send_initiation(base::Instant now) {
  for (const auto& link : links_) {
    if (!link.attachment || link.attachment->sockets.empty()) continue;
    // Another socket of the link every time, in case one of its ports is blocked.
    for (const auto& route : candidates(link, attempts_ % link.attachment->sockets.size())) {
      send_initiation_on(route, now);
    }
  }
}

void Connector::send_initiation_on(const base::Route& route, base::Instant now) {
  const auto initiation = initiator_.initiation_for(route, now);
  if (initiation.empty()) return;
  base::copy_bytes(initiation, out_.transmit.reserve(route, initiation.size()));
}

base::Instant Connector::next_wakeup() const {
  const bool has_link = std::ranges::any_of(links_, [](const Link& link) {
    return link.attachment && link.is_enabled && !link.attachment->sockets.empty();
  });
  if (!has_link || gateway_.empty()) return base::kNever;
  if (!peer_.session_since()) return next_attempt_;
  const auto rekey = *peer_.session_since() + LiveSession::kRekeyAfter;
  const auto wanted = pathless_since_ ? std::min(rekey, *pathless_since_ + kGrace) : rekey;
  return std::max(wanted, next_attempt_);
}

}  // namespace sennit::tunnel
