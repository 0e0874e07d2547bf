// Inner IPv4 and IPv6 headers (RFC 791, RFC 8200) as far as the tunnel looks: addresses, ports, lengths.
// Used by outbound (classify), inbound (source check) and the ICMP answers. Never reads past the
// packet, for any input.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/packet.hpp"

namespace sennit::wire {

enum class IpProtocol : std::uint8_t {
  kIcmp = 1,
  kTcp = 6,
  kUdp = 17,
  kDccp = 33,
  kIcmpV6 = 58,
  kSctp = 132,
  kUdpLite = 136,
};

// What classification needs of one inner packet.
struct IpPacket {
  base::IpAddress source;
  base::IpAddress destination;
  std::uint8_t protocol = 0;       // upper-layer protocol; IPv6 extension headers are walked
  std::uint8_t traffic_class = 0;  // TOS or traffic class byte, ECN included
  std::uint16_t source_port = 0;   // zero where there are none or in later fragments
  std::uint16_t destination_port = 0;
  // Where the upper-layer header starts; zero: it is not there (later fragment, truncated). Otherwise the
  // fixed part of a TCP, UDP or ICMP header lies wholly within total_length.
  std::uint16_t transport_offset = 0;
  std::uint16_t total_length = 0;
  bool dont_fragment = false;  // DF; always true for IPv6
  bool is_fragment = false;    // any fragment of a packet, the first included

  // None: not IPv4 or IPv6, header truncated, or total length beyond the bytes. Trailing bytes are allowed.
  static std::optional<IpPacket> parse(base::ConstByteSpan bytes);
};

}  // namespace sennit::wire
