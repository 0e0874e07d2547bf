// Inner traffic as bytes: one UDP packet over IPv4 or IPv6, built and taken apart with its checksums checked.
// Used by flows and pings, so that what comes out of a tunnel is compared byte for byte with what went in.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/packet.hpp"
#include "sim/inner_ip.hpp"

namespace sennit::sim {

struct InnerUdp {
  // Header bytes in front of the payload.
  static std::size_t overhead(base::Family family) { return InnerIp::header_size(family) + 8; }

  base::SocketAddress source;
  base::SocketAddress destination;
  std::vector<std::uint8_t> payload;
  Ecn ecn = Ecn::kNotCapable;

  // The IP packet, with DF where it is IPv4.
  std::vector<std::uint8_t> serialize() const;
  // None: not UDP, or a checksum or length is wrong.
  static std::optional<InnerUdp> parse(base::ConstByteSpan packet);
};

}  // namespace sennit::sim
