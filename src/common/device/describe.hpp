// Between packets as bytes and packets as impairment sees them (impair/packet.hpp): what a chain is told of a
// packet, and what is done to the bytes of one that comes out.
#pragma once

#include "base/packet.hpp"
#include "impair/packet.hpp"
#include "wire/ip.hpp"

namespace sennit::device {

// The description of this packet, whose bytes lie in `buffer`; `ip` was parsed from it or from its
// superpacket.
impair::Packet describe(const base::InnerPacket& packet, const wire::IpPacket& ip, impair::BufferId buffer);

// Marks and damages the packet as the emission says; its checksum is complete afterwards where it was
// damaged.
void alter(base::InnerPacket& packet, const impair::Emission& emission);

}  // namespace sennit::device
