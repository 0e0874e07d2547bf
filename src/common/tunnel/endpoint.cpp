#include "tunnel/endpoint.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/keys.hpp"
#include "outbound/classify.hpp"
#include "outbound/split.hpp"
#include "tunnel/endpoint_state.hpp"
#include "wire/ip.hpp"
#include "wire/open_checksum.hpp"
#include "wire/outer.hpp"

namespace sennit::tunnel {

namespace {

// Timers closer than this are one wake-up.
constexpr base::Duration kTimerGrain = std::chrono::microseconds(100);
constexpr wire::InnerMtu kUsualMtu{1440};
// So that packets do not wait for the timers of thousands.
constexpr std::size_t kMaxPeersPerTimeout = 128;

std::vector<wire::Match> matches_of(const std::vector<PolicyConfig>& policies) {
  std::vector<wire::Match> matches;
  matches.reserve(policies.size());
  for (const auto& policy : policies) matches.push_back(policy.match);
  return matches;
}

device::Side side_of(Role role) {
  return role == Role::kGateway ? device::Side::kBeyond : device::Side::kHere;
}

}  // namespace

Endpoint::State::State(EndpointConfig endpoint_config, base::Now now)
    : config(std::move(endpoint_config)),
      out(config.coalescing, side_of(config.role), config.seed),
      links(config.seed, out.drops),
      policies(matches_of(config.policies)),
      wakeups(config.peers.size()),
      own_addresses(config.addresses) {
  crypto::initialise();
  crypto::random_bytes({reinterpret_cast<std::uint8_t*>(&flow_seed), sizeof flow_seed});
  indexed.resize(config.peers.size());
  peer_mtus.resize(config.peers.size());
  mtu = config.fixed_mtu.value_or(kUsualMtu);
  const auto index_source = [this] { return new_index(); };
  if (config.role == Role::kGateway) acceptor.emplace(config, out, index_source);
  for (std::uint32_t i = 0; i < config.peers.size(); ++i) {
    auto& peer = *peers.emplace_back(
        std::make_unique<Peer>(base::PeerId{i}, config.role, config.peers[i], config, allowed, out));
    peer.set_own_addresses(own_addresses);
    for (const auto& prefix : config.peers[i].allowed) allowed.add(prefix, peer.id());
    if (acceptor) acceptor->add_peer(peer);
  }
  if (config.role == Role::kClient && !peers.empty())
    connector.emplace(config, *peers.front(), out, index_source);
  settle(now.monotonic);
}

base::SessionIndex Endpoint::State::new_index() {
  for (;;) {
    std::uint32_t value = 0;
    crypto::random_bytes({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    const base::SessionIndex index{value & base::kMaxSessionIndex};
    if (!sessions.contains(index)) return index;
  }
}

void Endpoint::State::begin(base::Instant now) {
  out.clear_inbound();
  links.recycle();
  inbound_taken = false;
  called_at = now;
  release_impaired(now);
}

void Endpoint::State::touch(Peer& peer) {
  if (!peer.mark_touched(true)) touched.push_back(&peer);
}

// Every call ends here: what the touched peers want now becomes timers, and their MTU the TUN's.
void Endpoint::State::settle(base::Instant now) {
  // What nobody would take any more waits for the next call.
  if (!inbound_taken) release_impaired(now);
  if (connector) connector->reconsider(now);
  bool has_changed = false;
  for (Peer* peer : touched) {
    peer->mark_touched(false);
    peer->settle(now);
    wakeups.set(peer->id(), std::max(peer->next_wakeup(now), now + kTimerGrain));
    const auto peer_mtu = connector || peer->has_session() ? peer->inner_mtu() : wire::InnerMtu{};
    has_changed |= std::exchange(peer_mtus[peer->id().value], peer_mtu) != peer_mtu;
  }
  touched.clear();
  if (has_changed) update_mtu();
}

// A gateway's TUN takes what its best peer takes; the others' packets are answered with ICMP.
void Endpoint::State::update_mtu() {
  const auto largest = *std::ranges::max_element(peer_mtus);
  if (largest == wire::InnerMtu{} || largest == mtu) return;
  mtu = largest;
  out.events.emplace_back(MtuChanged{mtu});
}

void Endpoint::State::index_sessions(Peer& peer) {
  auto& held = indexed[peer.id().value];
  for (const auto index : held) sessions.erase(index);
  held = peer.local_indices();
  for (const auto index : held) sessions[index] = &peer;
}

void Endpoint::State::handle_tun_packet(const base::OutboundPacket& packet, base::Instant now) {
  const auto ip = wire::IpPacket::parse(packet.bytes);
  if (!ip) return out.drops.count(base::DropReason::kNotIp);
  const auto owner = allowed.find(ip->destination);
  if (!owner) return out.drops.count(base::DropReason::kNoPeer);
  auto packets = outbound::Splitter::make({packet.bytes.first(ip->total_length), packet.offload}, *ip);
  if (!packets) return out.drops.count(base::DropReason::kBadOffload);
  if (out.devices.has_filters() && filter(packet, *packets, *ip, now) == device::Verdict::kDrop) return;
  if (const auto lane = out.devices.lane_of(device::Way::kOut, *ip)) return impair(*packets, *ip, *lane, now);
  send(*packets, *ip, *peers[owner->value], now);
}

void Endpoint::State::send(outbound::Splitter& packets, const wire::IpPacket& ip, Peer& peer,
                           base::Instant now) {
  touch(peer);
  peer.send(packets, ip, {outbound::classify(ip, flow_seed), policies.find(ip, flow_seed)}, now);
}

// A superpacket is judged as one, since its packets differ in nothing that a filter looks at.
device::Verdict Endpoint::State::filter(const base::OutboundPacket& packet, const outbound::Splitter& packets,
                                        const wire::IpPacket& ip, base::Instant now) {
  const auto repeated =
      packets.largest() - std::min<std::size_t>(packets.largest(), packet.offload.segment_size);
  const base::Bytes bytes{ip.total_length + (packets.count() - 1) * repeated};
  const auto judgement = out.devices.judge(device::Way::kOut, ip, {packets.count(), bytes});
  if (!judgement.copied.empty()) copy(judgement.copied, packet, ip, now);
  return judgement.verdict;
}

// Of its own bytes, since packets are cut where they lie.
void Endpoint::State::copy(std::span<const device::FilterId> filters, const base::OutboundPacket& packet,
                           const wire::IpPacket& ip, base::Instant now) {
  const auto bytes = packet.bytes.first(ip.total_length);
  copied.resize(base::kHeadroom + bytes.size());
  std::ranges::copy(bytes, copied.begin() + base::kHeadroom);
  auto packets =
      outbound::Splitter::make({base::ByteSpan(copied).subspan(base::kHeadroom), packet.offload}, ip);
  if (!packets) return;
  packets->leave_open_above(0);
  for (auto next = packets->next(); !next.bytes.empty(); next = packets->next())
    out.devices.copy(filters, device::Way::kOut, next, ip, now);
}

// Impairment sees the packets that a superpacket stands for.
void Endpoint::State::impair(outbound::Splitter& packets, const wire::IpPacket& ip, device::LaneId lane,
                             base::Instant now) {
  packets.leave_open_above(0);
  for (auto next = packets.next(); !next.bytes.empty(); next = packets.next())
    out.devices.push(lane, next, ip, now);
}

void Endpoint::State::release_impaired(base::Instant now) {
  if (out.devices.is_idle()) return;
  while (const auto released = out.devices.release(now)) {
    if (released->way == device::Way::kOut) {
      send_released(*released, now);
    } else {
      out.pass(released->packet, released->ip);
    }
  }
}

void Endpoint::State::send_released(const device::Released& released, base::Instant now) {
  const auto& [way, packet, ip] = released;
  const auto owner = allowed.find(ip.destination);
  if (!owner) return out.drops.count(base::DropReason::kNoPeer);
  const bool is_open = packet.checksum == base::Checksum::kOpen;
  const auto offload = is_open ? wire::open_checksum(ip) : std::nullopt;
  auto packets = outbound::Splitter::make({packet.bytes, offload.value_or(base::Offload{})}, ip);
  if (packets) send(*packets, ip, *peers[owner->value], now);
}

void Endpoint::State::handle_datagram(const base::InboundDatagram& datagram, base::Now now) {
  const auto type = wire::message_type(datagram.bytes);
  if (!type) {
    out.drops.count(datagram.bytes.empty() ? base::DropReason::kTooShort : base::DropReason::kUnknownType);
    return;
  }
  switch (*type) {
    case wire::MessageType::kSealed: return handle_sealed(datagram, now.monotonic);
    case wire::MessageType::kInitiation:
      if (!acceptor) break;
      if (Peer* peer = acceptor->handle_initiation(datagram, now.monotonic)) {
        index_sessions(*peer);
        touch(*peer);
      }
      return;
    case wire::MessageType::kResponse:
      if (!connector) break;
      return handle_response(datagram, now.monotonic);
    case wire::MessageType::kCookieReply:
      if (!connector) break;
      return connector->handle_cookie_reply(datagram, now);
  }
  out.drops.count(base::DropReason::kUnknownType);
}

// Those of impaired links whose time has come.
void Endpoint::State::release_datagrams(base::Now now) {
  if (links.is_idle()) return;
  while (const auto datagram = links.release(now.monotonic)) handle_datagram(*datagram, now);
}

void Endpoint::State::handle_sealed(const base::InboundDatagram& datagram, base::Instant now) {
  const auto header = wire::SealedHeader::parse(datagram.bytes);
  if (!header) {
    out.drops.count(base::DropReason::kTooShort);
    return;
  }
  const auto found = sessions.find(header->receiver);
  LiveSession* session =
      found == sessions.end() ? nullptr : found->second->find_session(header->receiver, now);
  if (session == nullptr) {
    out.drops.count(found == sessions.end() ? base::DropReason::kUnknownSession
                                            : base::DropReason::kSessionExpired);
    return;
  }
  Peer& peer = *found->second;
  peer.receive(*session, *header, datagram, now);
  touch(peer);
}

void Endpoint::State::handle_response(const base::InboundDatagram& datagram, base::Instant now) {
  auto established = connector->handle_response(datagram);
  if (!established) return;
  Peer& peer = *peers.front();
  auto& fields = established->fields;
  if (config.addresses.empty()) own_addresses = fields.addresses;
  peer.set_own_addresses(own_addresses);
  // The gateway may speak for the whole network of the tunnel: the other clients are behind it.
  for (const auto& prefix : fields.gateway_addresses) allowed.add(prefix.network(), peer.id());
  PeerUp greeting{peer.id(), established->keys.cipher, fields.addresses, fields.gateway_addresses,
                  fields.networks};
  peer.start_session(crypto::Session(established->local, established->remote, established->keys),
                     std::move(greeting), now);
  index_sessions(peer);
  peer.handle_timeout(now);
  touch(peer);
}

Endpoint::Endpoint(EndpointConfig config, base::Now now)
    : state_(std::make_unique<State>(std::move(config), now)) {}
Endpoint::~Endpoint() = default;
Endpoint::Endpoint(Endpoint&&) noexcept = default;
Endpoint& Endpoint::operator=(Endpoint&&) noexcept = default;

void Endpoint::handle_tun(std::span<const base::OutboundPacket> batch, base::Now now) {
  state_->begin(now.monotonic);
  for (const auto& packet : batch) state_->handle_tun_packet(packet, now.monotonic);
  state_->settle(now.monotonic);
}

void Endpoint::handle_datagrams(std::span<const base::InboundDatagram> batch, base::Now now) {
  state_->begin(now.monotonic);
  auto& links = state_->links;
  for (const auto& datagram : batch)
    if (links.is_idle() || !links.hold(datagram, now.monotonic)) state_->handle_datagram(datagram, now);
  state_->release_datagrams(now);
  state_->settle(now.monotonic);
}

void Endpoint::handle_timeout(base::Now now) {
  state_->begin(now.monotonic);
  state_->release_datagrams(now);
  if (state_->connector) state_->connector->handle_timeout(now);
  // The rest is still due, and the next call's.
  for (std::size_t count = 0; count < kMaxPeersPerTimeout; ++count) {
    const auto due = state_->wakeups.pop_due(now.monotonic);
    if (!due) break;
    Peer& peer = *state_->peers[due->value];
    peer.handle_timeout(now.monotonic);
    state_->index_sessions(peer);
    state_->touch(peer);
  }
  state_->settle(now.monotonic);
}

base::Instant Endpoint::next_wakeup() const {
  const auto impaired = std::min(state_->out.devices.next_wakeup(), state_->links.next_wakeup());
  const auto next = std::min(state_->wakeups.next(), impaired);
  return state_->connector ? std::min(next, state_->connector->next_wakeup()) : next;
}

std::span<const base::Transmit> Endpoint::poll_transmit() {
  const auto transmits = state_->out.transmit.drain();
  return state_->is_closed ? transmits : state_->links.pass(transmits, state_->called_at);
}

std::span<const base::InboundPacket> Endpoint::poll_tun() {
  if (state_->inbound_taken) return {};
  state_->inbound_taken = true;
  return state_->out.inbound();
}

std::optional<Event> Endpoint::poll_event() {
  auto& events = state_->out.events;
  if (events.empty()) return std::nullopt;
  auto event = std::move(events.front());
  events.pop_front();
  return event;
}

template <class Change>
void Endpoint::State::change_links(base::Instant now, Change change) {
  if (!connector) return;
  begin(now);
  change(*connector);
  touch(*peers.front());
  settle(now);
}

void Endpoint::set_gateway_addresses(std::vector<GatewayAddress> addresses, base::Now now) {
  state_->change_links(now.monotonic, [&](Connector& connector) {
    connector.set_gateway_addresses(std::move(addresses), now.monotonic);
  });
}

void Endpoint::attach_link(base::LinkId link, const Attachment& attachment, base::Now now) {
  state_->links.attach(link, attachment);
  state_->change_links(now.monotonic,
                       [&](Connector& connector) { connector.attach(link, attachment, now.monotonic); });
}

void Endpoint::detach_link(base::LinkId link, base::Now now) {
  state_->change_links(now.monotonic, [&](Connector& connector) { connector.detach(link, now.monotonic); });
}

void Endpoint::enable_link(base::LinkId link, base::Now now) {
  state_->change_links(now.monotonic, [&](Connector& connector) { connector.enable(link, now.monotonic); });
}

void Endpoint::disable_link(base::LinkId link, base::Now now) {
  state_->change_links(now.monotonic, [&](Connector& connector) { connector.disable(link, now.monotonic); });
}

void Endpoint::configure_link(const LinkConfig& link, base::Now now) {
  state_->change_links(now.monotonic,
                       [&](Connector& connector) { connector.configure(link, now.monotonic); });
}

void Endpoint::impair_link(base::LinkId link, device::Direction direction,
                           const std::optional<impair::Settings>& settings, base::Now now) {
  state_->links.impair(link, direction, settings, now.monotonic);
}

void Endpoint::change_policies(const std::vector<PolicyConfig>& policies) {
  state_->policies.change(matches_of(policies));
}

void Endpoint::add_device(const base::DeviceAddresses& device) {
  state_->out.devices.add(device);
}

void Endpoint::impair_device(const base::DeviceMatch& match, device::Direction direction,
                             const std::optional<impair::Settings>& settings, base::Now now) {
  state_->out.devices.impair(match, direction, settings, now.monotonic);
}

void Endpoint::remove_device(const base::DeviceMatch& match, base::Now now) {
  state_->out.devices.remove(match, now.monotonic);
}

void Endpoint::start_capture(const base::DeviceMatch& match, base::Now now) {
  state_->out.devices.start_capture(match, now.monotonic);
}

std::optional<device::Captured> Endpoint::take_captured(const base::DeviceMatch& match) {
  return state_->out.devices.take_captured(match);
}

void Endpoint::stop_capture(const base::DeviceMatch& match, base::Now now) {
  state_->out.devices.stop_capture(match, now.monotonic);
}

void Endpoint::add_filter(device::FilterId id, const device::Filter& filter, base::Now now) {
  state_->out.devices.add_filter(id, filter, now.monotonic);
}

void Endpoint::remove_filter(device::FilterId id, base::Now now) {
  state_->out.devices.remove_filter(id, now.monotonic);
}

std::vector<device::FilterReport> Endpoint::report_filters() const {
  return state_->out.devices.report_filters();
}

device::Captured Endpoint::take_recorded(device::FilterId id) {
  return state_->out.devices.take_recorded(id);
}

void Endpoint::note_too_big(const base::Route& route, std::size_t size, base::Now now) {
  for (auto& peer : state_->peers) {
    if (peer->note_too_big(route, size, now.monotonic)) state_->touch(*peer);
  }
  state_->settle(now.monotonic);
}

void Endpoint::count_drop(base::DropReason reason, std::uint64_t packets) {
  state_->out.drops.count(reason, packets);
}

void Endpoint::close(base::Now now) {
  state_->begin(now.monotonic);
  state_->is_closed = true;
  for (auto& peer : state_->peers) peer->close(now.monotonic);
}

EndpointReport Endpoint::report(base::Now now) const {
  EndpointReport report;
  report.mtu = state_->mtu;
  report.addresses = state_->own_addresses;
  report.drops = state_->out.drops;
  report.devices = state_->out.devices.report();
  report.impaired_links = state_->links.report();
  for (const auto& peer : state_->peers) report.peers.push_back(peer->report(now.monotonic));
  return report;
}

std::uint64_t Endpoint::last_timestamp() const {
  return state_->connector ? state_->connector->last_timestamp() : 0;
}

}  // namespace sennit::tunnel
