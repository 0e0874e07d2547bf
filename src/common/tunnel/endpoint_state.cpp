#include "tunnel/endpoint_state.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "crypto/keys.hpp"
#include "outbound/classify.hpp"
#include "outbound/split.hpp"
#include "wire/ip.hpp"
#include "wire/open_checksum.hpp"
#include "wire/outer.hpp"

namespace sennit::tunnel {

namespace {

// Timers closer than this are one wake-up.
constexpr base::Duration kTimerGrain = std::chrono::microseconds(100);

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
    if (config.share.owns(index) && !sessions.contains(index)) return index;
  }
}

void Endpoint::State::begin(base::Instant now) {
  out.clear_inbound();
  links.recycle();
  inbound_taken = false;
  strays_taken = false;
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
  if (!config.share.owns(*owner)) {
    out.strays.push_back({config.share.owner_of(*owner), packet});
    return;
  }
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
  base::copy_bytes(bytes, base::ByteSpan(copied).subspan(base::kHeadroom));
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
  // Impairment may have changed the address.
  if (!config.share.owns(*owner)) {
    out.strays.push_back({config.share.owner_of(*owner),
                          base::OutboundPacket{packet.bytes, offload.value_or(base::Offload{})}});
    return;
  }
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
      return welcome(acceptor->handle_initiation(datagram, now.monotonic));
    case wire::MessageType::kResponse:
      if (!connector) break;
      return handle_response(datagram, now.monotonic);
    case wire::MessageType::kCookieReply:
      if (!connector) break;
      return connector->handle_cookie_reply(datagram, now);
  }
  out.drops.count(base::DropReason::kUnknownType);
}

void Endpoint::State::handle_stray_datagram(const base::InboundDatagram& datagram, base::Now now) {
  if (!acceptor || wire::message_type(datagram.bytes) != wire::MessageType::kInitiation)
    return handle_datagram(datagram, now);
  welcome(acceptor->handle_admitted(datagram, now.monotonic));
}

// One that has a new, unconfirmed session; null: nobody has.
void Endpoint::State::welcome(Peer* peer) {
  if (peer == nullptr) return;
  index_sessions(*peer);
  touch(*peer);
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
  if (!config.share.owns(header->receiver)) {
    out.strays.push_back({config.share.owner_of(header->receiver), datagram});
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

void Endpoint::State::change_policies(const std::vector<PolicyConfig>& changed) {
  policies.change(matches_of(changed));
}

}  // namespace sennit::tunnel
