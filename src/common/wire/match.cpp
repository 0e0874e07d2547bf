#include "wire/match.hpp"

#include <algorithm>

namespace sennit::wire {

namespace {

constexpr unsigned kEcnBits = 2;

template <class List, class Holds>
bool any_or_empty(const List& list, Holds holds) {
  return list.empty() || std::ranges::any_of(list, holds);
}

bool is_of_ports(const std::vector<Ports>& ports, const IpPacket& packet) {
  if (packet.is_fragment || (packet.source_port == 0 && packet.destination_port == 0)) return false;
  const auto holds = [](const Ports& range, std::uint16_t port) {
    return range.first <= port && port <= range.last;
  };
  return std::ranges::any_of(ports, [&](const Ports& range) {
    return holds(range, packet.source_port) || holds(range, packet.destination_port);
  });
}

}  // namespace

std::uint8_t dscp_of(const IpPacket& packet) {
  return static_cast<std::uint8_t>(packet.traffic_class >> kEcnBits);
}

bool Match::takes(const IpPacket& packet) const {
  return any_or_empty(dscps, [&](std::uint8_t dscp) { return dscp == dscp_of(packet); }) &&
         any_or_empty(protocols, [&](std::uint8_t protocol) { return protocol == packet.protocol; }) &&
         (ports.empty() || is_of_ports(ports, packet)) &&
         any_or_empty(addresses, [&](const base::Prefix& prefix) {
           return prefix.contains(packet.source) || prefix.contains(packet.destination);
         });
}

}  // namespace sennit::wire
