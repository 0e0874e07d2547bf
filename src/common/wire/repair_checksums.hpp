// Makes the checksums of a packet right whatever its bytes are: for damage that shall reach the application.
// Used where a device's impairment asks for it; the ordinary data path never repairs.
#pragma once

#include "base/packet.hpp"
#include "wire/ip.hpp"

namespace sennit::wire {

// IPv4's header checksum, and that of TCP, UDP or ICMP where the whole packet is there; `ip` was parsed from
// it.
void repair_checksums(base::ByteSpan packet, const IpPacket& ip);

}  // namespace sennit::wire
