// A TCP acknowledgement over IPv4 for tests, without options; its checksums are not filled in.
#pragma once

#include <cstdint>
#include <vector>

#include "base/packet.hpp"
#include "wire/bytes.hpp"
#include "wire/header_fields.hpp"

namespace sennit::outbound {

// Of everything up to `acknowledged`.
inline std::vector<std::uint8_t> ack(std::uint32_t acknowledged) {
  constexpr std::size_t kIpv4HeaderSize = 20;
  std::vector<std::uint8_t> packet(kIpv4HeaderSize + wire::kTcpHeaderSize);
  packet[0] = 0x45;
  packet[wire::kIpv4Length + 1] = static_cast<std::uint8_t>(packet.size());
  packet[9] = 6;  // protocol
  const auto tcp = base::ByteSpan(packet).subspan(kIpv4HeaderSize);
  tcp[wire::kTcpDataOffset] = 0x50;
  tcp[wire::kTcpFlags] = 0x10;
  wire::store_u32(tcp, wire::kTcpAcknowledgment, acknowledged);
  return packet;
}

}  // namespace sennit::outbound
