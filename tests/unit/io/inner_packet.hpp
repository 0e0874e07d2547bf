// Builds the IPv4/UDP packets that tests write into a TUN device.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace sennit::io {

inline void put_u16(std::vector<std::uint8_t>& packet, std::size_t at, unsigned value) {
  packet[at] = static_cast<std::uint8_t>(value >> 8U);
  packet[at + 1] = static_cast<std::uint8_t>(value);
}

inline unsigned header_checksum(const std::vector<std::uint8_t>& packet) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += (unsigned{packet[i]} << 8U) + packet[i + 1];
  while (sum > 0xFFFF) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return sum ^ 0xFFFFU;
}

// Source and destination as "10.0.0.1:7"; without a UDP checksum.
inline std::vector<std::uint8_t> udp_packet(const std::string& source, const std::string& destination,
                                            const std::string& payload) {
  const auto from = base::SocketAddress::parse(source).value();
  const auto to = base::SocketAddress::parse(destination).value();
  std::vector<std::uint8_t> packet(28 + payload.size());
  packet[0] = 0x45;
  packet[8] = 64;
  packet[9] = 17;
  put_u16(packet, 2, static_cast<unsigned>(packet.size()));
  std::ranges::copy(from.address.bytes(), packet.begin() + 12);
  std::ranges::copy(to.address.bytes(), packet.begin() + 16);
  put_u16(packet, 10, header_checksum(packet));
  put_u16(packet, 20, from.port);
  put_u16(packet, 22, to.port);
  put_u16(packet, 24, static_cast<unsigned>(8 + payload.size()));
  std::ranges::copy(payload, packet.begin() + 28);
  return packet;
}

}  // namespace sennit::io
