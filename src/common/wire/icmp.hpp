// ICMP answers of the tunnel itself: "fragmentation needed" (RFC 1191) and "packet too big" (RFC 4443).
// Written for packets that fit no path; the caller limits their rate. Nothing is answered to ICMP errors, to
// multicast, to later fragments, or where the upper-layer header is not there.
#pragma once

#include <cstdint>

#include "base/packet.hpp"
#include "wire/ip.hpp"
#include "wire/mss.hpp"

namespace sennit::wire {

inline constexpr std::size_t kMaxIcmpAnswer = 1280;

// Writes the answer to `packet` into `out` (kMaxIcmpAnswer bytes), from `own` (the tunnel's inner address of
// that family) to the packet's source. IPv6 never hears of less than 1280 (RFC 8201 section 4). Returns its
// length; zero when the packet must not be answered (RFC 1122 section 3.2.2, RFC 4443 section 2.4).
std::size_t write_too_big(base::ConstByteSpan packet, const IpPacket& ip, const base::IpAddress& own,
                          InnerMtu mtu, base::ByteSpan out);

}  // namespace sennit::wire
