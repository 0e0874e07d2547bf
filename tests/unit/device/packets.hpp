// Inner packets as bytes for the tests of devices: UDP over IPv4 or IPv6 with its checksums right.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "wire/bytes.hpp"
#include "wire/header_fields.hpp"
#include "wire/ip.hpp"
#include "wire/repair_checksums.hpp"

namespace sennit::device {

using Bytes = std::vector<std::uint8_t>;

inline base::IpAddress address(std::string_view text) {
  return *base::IpAddress::parse(text);
}

inline base::Prefix prefix(std::string_view text) {
  return *base::Prefix::parse(text);
}

// The first four bytes of the payload are `number`.
inline Bytes udp_packet(std::string_view source, std::string_view destination, std::uint32_t number = 0,
                        std::size_t size = 200, std::uint8_t traffic_class = 0) {
  Bytes packet(size);
  const auto from = address(source);
  const auto to = address(destination);
  const bool is_v4 = from.family() == base::Family::kV4;
  const std::size_t header = is_v4 ? 20 : 40;
  if (is_v4) {
    packet[0] = 0x45;
    packet[1] = traffic_class;
    wire::store_u16(packet, wire::kIpv4Length, static_cast<std::uint16_t>(size));
    packet[8] = 64;
    packet[9] = 17;
    std::ranges::copy(from.bytes(), packet.begin() + wire::kIpv4Addresses);
    std::ranges::copy(to.bytes(), packet.begin() + wire::kIpv4Addresses + 4);
  } else {
    wire::store_u16(packet, 0, static_cast<std::uint16_t>(0x6000U | traffic_class << 4U));
    wire::store_u16(packet, wire::kIpv6Length, static_cast<std::uint16_t>(size - header));
    packet[6] = 17;
    packet[7] = 64;
    std::ranges::copy(from.bytes(), packet.begin() + wire::kIpv6Addresses);
    std::ranges::copy(to.bytes(), packet.begin() + wire::kIpv6Addresses + 16);
  }
  const auto udp = base::ByteSpan(packet).subspan(header);
  wire::store_u16(udp, 0, 4000);
  wire::store_u16(udp, 2, 5000);
  wire::store_u16(udp, 4, static_cast<std::uint16_t>(udp.size()));
  wire::store_u16(udp, wire::kUdpChecksum, 1);
  wire::store_u16(udp, 8, static_cast<std::uint16_t>(number >> 16U));
  wire::store_u16(udp, 10, static_cast<std::uint16_t>(number));
  wire::repair_checksums(packet, *wire::IpPacket::parse(packet));
  return packet;
}

inline std::uint32_t number_of(base::ConstByteSpan packet) {
  const auto udp = packet.subspan(packet[0] >> 4U == 4 ? 20 : 40);
  return std::uint32_t{wire::load_u16(udp, 8)} << 16U | wire::load_u16(udp, 10);
}

// IP and transport checksums both right.
inline bool has_right_checksums(Bytes packet) {
  const auto before = packet;
  wire::repair_checksums(packet, *wire::IpPacket::parse(packet));
  return packet == before;
}

}  // namespace sennit::device
