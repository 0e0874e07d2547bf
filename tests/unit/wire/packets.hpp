// Inner packets for tests, with right checksums, and a second, slower way to compute them that shares no code
// with wire/.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"

namespace sennit::wire::packets {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kAck = 0x10;

// One's complement sum of 16-bit words, complemented; odd bytes padded with zero.
std::uint16_t reference_checksum(const Bytes& bytes);

// 192.0.2.1 → 198.51.100.2, DF set.
Bytes ipv4(std::uint8_t protocol, const Bytes& payload);
// 2001:db8::1 → 2001:db8::2; `next_header` says what `payload` begins with.
Bytes ipv6(std::uint8_t next_header, const Bytes& payload);

// A TCP segment from port 1000 to 2000 without checksum; `options` are padded with zeros to a multiple of
// four.
Bytes tcp(std::uint8_t flags, const Bytes& options, const Bytes& data = {});
// A UDP datagram from port 3000 to 4000 without checksum.
Bytes udp(const Bytes& data);

// Whether the upper layer's checksum (TCP, UDP, ICMP; at `offset`, of `protocol`) is right, pseudo-header
// included.
bool has_valid_checksum(const Bytes& packet, std::size_t offset, std::uint8_t protocol);
// Whether the IPv4 header's checksum is right.
bool has_valid_ipv4_header(const Bytes& packet);
// Puts the right TCP checksum into a packet whose TCP header is at `offset`.
void fill_tcp_checksum(Bytes& packet, std::size_t offset);

}  // namespace sennit::wire::packets
