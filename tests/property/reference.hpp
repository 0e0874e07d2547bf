// Inner packets built and superpackets cut the slow and plain way, sharing no code with src: what the
// splitter and the coalescer are compared with. Checksums are added up two bytes at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/packet.hpp"

namespace sennit::reference {

using Bytes = std::vector<std::uint8_t>;

inline constexpr unsigned kFin = 0x01;
inline constexpr unsigned kSyn = 0x02;
inline constexpr unsigned kPsh = 0x08;
inline constexpr unsigned kAck = 0x10;
inline constexpr unsigned kUrg = 0x20;
inline constexpr unsigned kEce = 0x40;
inline constexpr unsigned kCwr = 0x80;

enum class Version : std::uint8_t { kV4, kV6 };
enum class Transport : std::uint8_t { kTcp = 6, kUdp = 17 };

// All of a packet's headers but lengths and checksums.
struct Look {
  Version version = Version::kV4;
  Transport transport = Transport::kTcp;
  std::uint8_t host = 1;  // last byte of the source address
  unsigned source_port = 1000;
  unsigned traffic_class = 0;
  unsigned hop_limit = 64;
  unsigned flow_label = 0;          // IPv6
  unsigned id = 1;                  // IPv4
  unsigned fragmentation = 0x4000;  // IPv4: DF
  Bytes between = {};               // IPv4 options, or IPv6 destination options without their next header
  unsigned sequence = 1;
  unsigned acknowledgment = 1;
  unsigned reserved = 0;
  unsigned flags = kAck;
  unsigned window = 500;
  unsigned urgent = 0;
  Bytes tcp_options = {};
};

inline unsigned get_u16(base::ConstByteSpan bytes, std::size_t at) {
  return static_cast<unsigned>(bytes[at]) * 256U + bytes[at + 1];
}

inline void put_u16(base::ByteSpan bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value / 256U);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

inline void put_u32(base::ByteSpan bytes, std::size_t at, std::size_t value) {
  put_u16(bytes, at, value / 65536U);
  put_u16(bytes, at + 2, value);
}

// One's complement sum of 16-bit words on top of `sum`, folded.
inline unsigned plain_sum(base::ConstByteSpan bytes, unsigned sum) {
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] * 256U : bytes[i];
  while (sum > 0xFFFF) sum = sum % 65536U + sum / 65536U;
  return sum;
}

inline bool is_v4(base::ConstByteSpan packet) {
  return packet[0] / 16 == 4;
}

inline unsigned pseudo_header(base::ConstByteSpan packet, std::size_t start, Transport transport) {
  const auto addresses = is_v4(packet) ? packet.subspan(12, 8) : packet.subspan(8, 32);
  return plain_sum(addresses,
                   static_cast<unsigned>(packet.size() - start) + static_cast<unsigned>(transport));
}

inline void put_ip_lengths(base::ByteSpan packet) {
  if (!is_v4(packet)) return put_u16(packet, 4, packet.size() - 40);
  put_u16(packet, 2, packet.size());
  put_u16(packet, 10, 0);
  put_u16(packet, 10, 0xFFFF - plain_sum(packet.first(packet[0] % 16U * 4U), 0));
}

// The right lengths and checksums, in a packet whose transport header begins at `start`.
inline void complete(base::ByteSpan packet, std::size_t start, Transport transport) {
  put_ip_lengths(packet);
  const base::ByteSpan segment = packet.subspan(start);
  const std::size_t field = transport == Transport::kTcp ? 16 : 6;
  if (transport == Transport::kUdp) put_u16(segment, 4, segment.size());
  put_u16(segment, field, 0);
  const unsigned sum = 0xFFFF - plain_sum(segment, pseudo_header(packet, start, transport));
  put_u16(segment, field, transport == Transport::kUdp && sum == 0 ? 0xFFFF : sum);
}

inline std::size_t transport_start(const Look& look) {
  const std::size_t extension = look.between.empty() ? 0 : look.between.size() + 2;
  return look.version == Version::kV4 ? 20 + look.between.size() : 40 + extension;
}

inline void append_ip_header(const Look& look, Bytes& out) {
  Bytes ip(look.version == Version::kV4 ? 20 : 40);
  const auto protocol = static_cast<std::uint8_t>(look.transport);
  if (look.version == Version::kV4) {
    ip[0] = static_cast<std::uint8_t>(0x45 + look.between.size() / 4);
    ip[1] = static_cast<std::uint8_t>(look.traffic_class);
    put_u16(ip, 4, look.id);
    put_u16(ip, 6, look.fragmentation);
    ip[8] = static_cast<std::uint8_t>(look.hop_limit);
    ip[9] = protocol;
    std::ranges::copy(Bytes{192, 0, 2, look.host, 198, 51, 100, 2}, ip.begin() + 12);
  } else {
    put_u32(ip, 0, 0x60000000U + look.traffic_class * 0x100000U + look.flow_label);
    ip[6] = look.between.empty() ? protocol : 60;
    ip[7] = static_cast<std::uint8_t>(look.hop_limit);
    ip[8] = ip[24] = 0xFD;
    ip[23] = look.host;
    ip[39] = 2;
    if (!look.between.empty())
      ip.insert(ip.end(), {protocol, static_cast<std::uint8_t>(look.between.size() / 8)});
  }
  ip.insert(ip.end(), look.between.begin(), look.between.end());
  out.insert(out.end(), ip.begin(), ip.end());
}

inline void append_transport_header(const Look& look, Bytes& out) {
  Bytes header(look.transport == Transport::kTcp ? 20 : 8);
  put_u16(header, 0, look.source_port);
  put_u16(header, 2, 2000);
  if (look.transport == Transport::kTcp) {
    put_u32(header, 4, look.sequence);
    put_u32(header, 8, look.acknowledgment);
    header[12] = static_cast<std::uint8_t>((5 + look.tcp_options.size() / 4) * 16 + look.reserved);
    header[13] = static_cast<std::uint8_t>(look.flags);
    put_u16(header, 14, look.window);
    put_u16(header, 18, look.urgent);
    header.insert(header.end(), look.tcp_options.begin(), look.tcp_options.end());
  }
  out.insert(out.end(), header.begin(), header.end());
}

inline Bytes packet_of(const Look& look, base::ConstByteSpan payload) {
  Bytes packet;
  append_ip_header(look, packet);
  append_transport_header(look, packet);
  packet.insert(packet.end(), payload.begin(), payload.end());
  complete(packet, transport_start(look), look.transport);
  return packet;
}

// What Linux says of a superpacket of that look: everything but the last parts of its checksum is done.
inline base::Offload offload_of(const Look& look, std::size_t segment_size) {
  const bool is_tcp = look.transport == Transport::kTcp;
  return {.segmentation = is_tcp ? base::Segmentation::kTcp : base::Segmentation::kUdp,
          .segment_size = static_cast<std::uint16_t>(segment_size),
          .checksum_start = static_cast<std::uint16_t>(transport_start(look)),
          .checksum_offset = static_cast<std::uint16_t>(is_tcp ? 16 : 6)};
}

// The packet's checksum field as NEEDS_CSUM wants it: the sum of the pseudo-header.
inline void leave_checksum_open(base::ByteSpan packet, const base::Offload& offload, Transport transport) {
  put_u16(packet, std::size_t{offload.checksum_start} + offload.checksum_offset,
          pseudo_header(packet, offload.checksum_start, transport));
}

// What NEEDS_CSUM asks for: the checksum over all from the start, the field included.
inline void finish_checksum(base::ByteSpan packet, const base::Offload& offload) {
  const base::ByteSpan covered = packet.subspan(offload.checksum_start);
  const unsigned sum = 0xFFFF - plain_sum(covered, 0);
  const bool is_udp = offload.checksum_offset == 6;
  put_u16(covered, offload.checksum_offset, is_udp && sum == 0 ? 0xFFFF : sum);
}

// The packets that a right superpacket stands for, or the one that an open checksum is left of.
inline std::vector<Bytes> cut(base::ConstByteSpan all, const base::Offload& offload) {
  if (offload.segmentation == base::Segmentation::kNone) {
    Bytes packet(all.begin(), all.end());
    if (offload.checksum_start != 0) finish_checksum(packet, offload);
    return {packet};
  }
  const std::size_t start = offload.checksum_start;
  const bool is_tcp = offload.segmentation == base::Segmentation::kTcp;
  const std::size_t headers = start + (is_tcp ? all[start + 12] / 16U * 4U : 8U);
  std::vector<Bytes> packets;
  for (std::size_t at = headers; at < all.size() || packets.empty(); at += offload.segment_size) {
    const std::size_t end = std::min<std::size_t>(all.size(), at + offload.segment_size);
    Bytes packet(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(headers));
    packet.insert(packet.end(), all.begin() + static_cast<std::ptrdiff_t>(at),
                  all.begin() + static_cast<std::ptrdiff_t>(end));
    if (is_v4(all)) put_u16(packet, 4, get_u16(all, 4) + packets.size());
    if (is_tcp) {
      const std::size_t sequence = get_u16(all, start + 4) * 65536U + get_u16(all, start + 6);
      put_u32(packet, start + 4, sequence + at - headers);
      const unsigned first_only = packets.empty() ? 0 : kCwr;
      const unsigned last_only = end == all.size() ? 0 : kFin | kPsh;
      packet[start + 13] = static_cast<std::uint8_t>(packet[start + 13] & ~(first_only | last_only));
    }
    complete(packet, start, is_tcp ? Transport::kTcp : Transport::kUdp);
    packets.push_back(packet);
  }
  return packets;
}

}  // namespace sennit::reference
