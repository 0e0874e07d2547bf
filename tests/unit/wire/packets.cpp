#include "unit/wire/packets.hpp"

namespace sennit::wire::packets {
namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kIcmpV4 = 1;

void append_u16(Bytes& bytes, std::size_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8U));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

void put_u16(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes.at(at) = static_cast<std::uint8_t>(value >> 8U);
  bytes.at(at + 1) = static_cast<std::uint8_t>(value);
}

Bytes slice(const Bytes& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

// Pseudo-header (none for ICMP over IPv4) and the upper layer's bytes.
Bytes covered_bytes(const Bytes& packet, std::size_t offset, std::uint8_t protocol) {
  const bool is_v4 = packet.at(0) >> 4U == 4;
  Bytes covered;
  if (protocol != kIcmpV4) {
    covered = is_v4 ? slice(packet, 12, 20) : slice(packet, 8, 40);
    append_u16(covered, packet.size() - offset);
    append_u16(covered, protocol);
  }
  append(covered, slice(packet, offset, packet.size()));
  return covered;
}

}  // namespace

std::uint16_t reference_checksum(const Bytes& bytes) {
  unsigned long sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? bytes[i] * 256UL : bytes[i];
    if (sum > 65'535) sum -= 65'535;
  }
  return static_cast<std::uint16_t>(65'535 - sum);
}

Bytes ipv4(std::uint8_t protocol, const Bytes& payload) {
  Bytes packet = {0x45, 0x00};
  append_u16(packet, 20 + payload.size());
  append(packet, {0, 0, 0x40, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2});
  put_u16(packet, 10, reference_checksum(packet));
  append(packet, payload);
  return packet;
}

Bytes ipv6(std::uint8_t next_header, const Bytes& payload) {
  Bytes packet = {0x60, 0, 0, 0};
  append_u16(packet, payload.size());
  append(packet, {next_header, 64});
  append(packet, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  append(packet, {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
  append(packet, payload);
  return packet;
}

Bytes tcp(std::uint8_t flags, const Bytes& options, const Bytes& data) {
  Bytes padded = options;
  while (padded.size() % 4 != 0) padded.push_back(0);
  const auto words = static_cast<std::uint8_t>(5 + padded.size() / 4);
  Bytes segment;
  append_u16(segment, 1000);
  append_u16(segment, 2000);
  append(segment, {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88});
  append(segment, {static_cast<std::uint8_t>(words << 4U), flags, 0xFA, 0xF0, 0, 0, 0, 0});
  append(segment, padded);
  append(segment, data);
  return segment;
}

Bytes udp(const Bytes& data) {
  Bytes datagram;
  append_u16(datagram, 3000);
  append_u16(datagram, 4000);
  append_u16(datagram, 8 + data.size());
  append_u16(datagram, 0);
  append(datagram, data);
  return datagram;
}

bool has_valid_checksum(const Bytes& packet, std::size_t offset, std::uint8_t protocol) {
  return reference_checksum(covered_bytes(packet, offset, protocol)) == 0;
}

bool has_valid_ipv4_header(const Bytes& packet) {
  return reference_checksum(slice(packet, 0, 20)) == 0;
}

void fill_tcp_checksum(Bytes& packet, std::size_t offset) {
  put_u16(packet, offset + 16, 0);
  put_u16(packet, offset + 16, reference_checksum(covered_bytes(packet, offset, kTcp)));
}

}  // namespace sennit::wire::packets
