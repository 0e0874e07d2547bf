// TCP and UDP checksums that are left open (base::Checksum): where a packet has one, and its completion.
// Between two kernels that take the work from each other's hands, nobody needs the checksum: outbound leaves
// it open, inbound passes it on or completes it. Invariant: what open_checksum() returns lies within the
// packet. Reasons: docs/protocol.md section 5.1, docs/performance.md, "Checksums".
#pragma once

#include <cstdint>
#include <optional>

#include "base/packet.hpp"
#include "wire/ip.hpp"

namespace sennit::wire {

// What is left to do on a packet whose checksum is open; none: `ip` is no whole TCP or UDP header, or a
// fragment's.
std::optional<base::Offload> open_checksum(const IpPacket& ip);
// Does what `offload` leaves to do on a packet of this protocol that is not to be cut. The field must lie
// within the packet.
void complete_checksum(base::ByteSpan packet, const base::Offload& offload, std::uint8_t protocol);

}  // namespace sennit::wire
