// The IP header around an inner packet of the simulator, and the checksums of both: what InnerUdp and
// InnerTcp have in common. Headers carry DF where they are IPv4, and the ECN field asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/packet.hpp"
#include "wire/ip.hpp"

namespace sennit::sim {

// RFC 3168 section 5.
enum class Ecn : std::uint8_t { kNotCapable = 0, kCapable1 = 1, kCapable0 = 2, kCongested = 3 };

struct InnerIp {
  base::IpAddress source;
  base::IpAddress destination;
  wire::IpProtocol protocol;
  Ecn ecn = Ecn::kNotCapable;

  static std::size_t header_size(base::Family family) { return family == base::Family::kV6 ? 40 : 20; }
  // A packet with its IP header, and zeros for the transport header and payload.
  std::vector<std::uint8_t> packet_for(std::size_t transport_size) const;
};

// Fills in the checksum of the transport header, at this place in it; it was zero before.
void complete_checksum(base::ByteSpan packet, const InnerIp& ip, std::size_t offset_in_transport);
// Parses the IP header; none: not this protocol, a fragment, or a length or checksum is wrong.
std::optional<wire::IpPacket> parse_inner(base::ConstByteSpan packet, wire::IpProtocol protocol);

}  // namespace sennit::sim
