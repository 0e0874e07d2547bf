// What an endpoint holds, and the way of packets and datagrams through it; endpoint.cpp is its outside, and
// alone includes this. Here the stages that belong to no peer meet: cryptokey routing, the devices and links
// that are impaired, the sessions' index, the timers of the peers. Invariant: every call begins with begin()
// and ends with settle().
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "outbound/split.hpp"
#include "tunnel/acceptor.hpp"
#include "tunnel/allowed_ips.hpp"
#include "tunnel/connector.hpp"
#include "tunnel/endpoint.hpp"
#include "tunnel/impaired_links.hpp"
#include "tunnel/outputs.hpp"
#include "tunnel/peer.hpp"
#include "tunnel/wakeup_queue.hpp"

namespace sennit::tunnel {

struct Endpoint::State {
  State(EndpointConfig endpoint_config, base::Now now);

  void handle_tun_packet(const base::OutboundPacket& packet, base::Instant now);
  void send(outbound::Splitter& packets, const wire::IpPacket& ip, Peer& peer, base::Instant now);
  void impair(outbound::Splitter& packets, const wire::IpPacket& ip, device::LaneId lane, base::Instant now);
  device::Verdict filter(const base::OutboundPacket& packet, const outbound::Splitter& packets,
                         const wire::IpPacket& ip, base::Instant now);
  void copy(std::span<const device::FilterId> filters, const base::OutboundPacket& packet,
            const wire::IpPacket& ip, base::Instant now);
  void release_impaired(base::Instant now);
  void send_released(const device::Released& released, base::Instant now);
  void handle_datagram(const base::InboundDatagram& datagram, base::Now now);
  void handle_stray_datagram(const base::InboundDatagram& datagram, base::Now now);
  void welcome(Peer* peer);
  void release_datagrams(base::Now now);
  void handle_sealed(const base::InboundDatagram& datagram, base::Instant now);
  void handle_response(const base::InboundDatagram& datagram, base::Instant now);
  void begin(base::Instant now);
  // Client: `change` is done to the connector, and its peer looked after.
  template <class Change>
  void change_links(base::Instant now, Change change);
  void touch(Peer& peer);
  void settle(base::Instant now);
  void update_mtu();
  void index_sessions(Peer& peer);
  base::SessionIndex new_index();
  void change_policies(const std::vector<PolicyConfig>& changed);

  EndpointConfig config;
  Outputs out;
  ImpairedLinks links;
  AllowedIps allowed;
  std::vector<std::unique_ptr<Peer>> peers;
  std::unordered_map<base::SessionIndex, Peer*> sessions;
  std::vector<std::vector<base::SessionIndex>> indexed;  // by peer
  std::vector<wire::InnerMtu> peer_mtus;                 // by peer; zero: has no say
  std::optional<Connector> connector;
  std::optional<Acceptor> acceptor;
  outbound::PolicyTable policies;
  WakeupQueue wakeups;
  std::vector<Peer*> touched;
  std::vector<base::Prefix> own_addresses;
  std::vector<std::uint8_t> copied;  // a superpacket of which filters want copies
  wire::InnerMtu mtu;
  std::uint64_t flow_seed = 0;
  bool inbound_taken = true;
  bool strays_taken = true;
  bool is_closed = false;   // what is said now waits for no impaired link
  base::Instant called_at;  // the latest call that may send
};

}  // namespace sennit::tunnel
