// A superpacket for benchmarks: what the kernel hands to a TUN device with TSO or USO, of kSegments packets
// of kPayload bytes, IPv4, its transport checksum open.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/packet.hpp"
#include "micro/packets.hpp"
#include "wire/checksum.hpp"

namespace sennit::bench {

inline constexpr std::size_t kPayload = 1400;
inline constexpr std::size_t kSegments = 45;
inline constexpr std::uint8_t kIpHeader = 20;

struct Superpacket {
  std::vector<std::uint8_t> bytes;  // with headroom
  base::Offload offload;
  base::OutboundPacket packet() { return {base::ByteSpan(bytes).subspan(base::kHeadroom), offload}; }
};

// Where the kernel leaves the transport checksum undone, its field holds the sum of the pseudo header.
inline void put_pseudo_sum(base::ByteSpan packet, std::uint8_t protocol, std::size_t offset) {
  const auto size = static_cast<std::uint32_t>(packet.size() - kIpHeader);
  const auto sum = wire::checksum_finish(wire::checksum_add(packet.subspan(12, 8), protocol + size));
  wire::Writer(packet.subspan(kIpHeader + offset)).u16(static_cast<std::uint16_t>(~sum));
}

inline Superpacket make_superpacket(const base::IpAddress& source, const base::IpAddress& destination,
                                    base::Segmentation kind) {
  const bool is_tcp = kind == base::Segmentation::kTcp;
  const std::uint8_t checksum_offset = is_tcp ? 16 : 6;
  auto packet = udp_packet(source, destination, 4000, kIpHeader + (is_tcp ? 20U : 8U) + kSegments * kPayload);
  const base::ByteSpan bytes(packet);
  if (is_tcp) {
    packet[9] = 6;
    wire::Writer(bytes.subspan(10)).u16(0);
    wire::Writer(bytes.subspan(10)).u16(wire::checksum_finish(wire::checksum_add(bytes.first(kIpHeader), 0)));
    wire::Writer tcp(bytes.subspan(kIpHeader + 4));
    tcp.u32(1'000'000);  // sequence
    tcp.u32(2'000'000);  // acknowledgement
    tcp.u16(0x5010);     // 20 bytes, ACK
    tcp.u16(0xFFFF);     // window
    tcp.u32(0);
  }
  put_pseudo_sum(bytes, is_tcp ? 6 : 17, checksum_offset);
  Superpacket made{std::vector<std::uint8_t>(base::kHeadroom + packet.size()),
                   {kind, kPayload, kIpHeader, checksum_offset}};
  std::ranges::copy(packet, made.packet().bytes.begin());
  return made;
}

}  // namespace sennit::bench
