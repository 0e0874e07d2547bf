// Parsed packets and what they are to match, for the tests of all who tell packets apart by wire::Match.
#pragma once

#include "wire/match.hpp"

namespace sennit::wire {

inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kExpedited = 46;

// From 192.168.1.23 to 198.51.100.9.
inline IpPacket packet(std::uint8_t protocol, std::uint16_t source_port, std::uint16_t destination_port) {
  IpPacket ip;
  ip.source = *base::IpAddress::parse("192.168.1.23");
  ip.destination = *base::IpAddress::parse("198.51.100.9");
  ip.protocol = protocol;
  ip.source_port = source_port;
  ip.destination_port = destination_port;
  return ip;
}

// Its ECN bits are not all zero.
inline IpPacket marked(IpPacket ip, std::uint8_t dscp) {
  ip.traffic_class = static_cast<std::uint8_t>(dscp << 2U | 1U);
  return ip;
}

inline Match of_ports(Ports ports) {
  Match match;
  match.ports = {ports};
  return match;
}

inline Match of_address(const char* prefix) {
  Match match;
  match.addresses = {*base::Prefix::parse(prefix)};
  return match;
}

}  // namespace sennit::wire
