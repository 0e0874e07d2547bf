// TCP maximum segment size clamp (RFC 9293 section 3.7.1, RFC 6691) for connections that cross the tunnel.
// Applied to SYNs in both directions; other packets, fragments included, are not touched. A SYN without the
// option gets none.
#pragma once

#include "base/packet.hpp"
#include "base/units.hpp"
#include "wire/ip.hpp"

namespace sennit::wire {

// An IP packet's largest size, inner.
using InnerMtu = base::Identifier<struct InnerMtuTag, std::uint16_t>;

// Lowers the MSS option of a TCP SYN to what `mtu` leaves, and keeps its checksum right, where it is not
// open; `ip` was parsed from `packet`.
void clamp_mss(const base::InnerPacket& packet, const IpPacket& ip, InnerMtu mtu);

}  // namespace sennit::wire
