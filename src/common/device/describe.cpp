#include "device/describe.hpp"

#include <algorithm>

#include "wire/ecn.hpp"
#include "wire/header_fields.hpp"
#include "wire/open_checksum.hpp"
#include "wire/repair_checksums.hpp"

namespace sennit::device {

namespace {

using wire::IpProtocol;

constexpr unsigned kEcnMask = 0x03;
constexpr std::size_t kIcmpHeaderSize = 8;

std::size_t transport_size(base::ConstByteSpan transport, std::uint8_t protocol) {
  switch (IpProtocol{protocol}) {
    case IpProtocol::kTcp: return static_cast<std::size_t>(transport[wire::kTcpDataOffset] >> 4U) * 4;
    case IpProtocol::kUdp: return wire::kUdpHeaderSize;
    case IpProtocol::kIcmp:
    case IpProtocol::kIcmpV6: return kIcmpHeaderSize;
    default: return 0;
  }
}

// Of network and transport together.
std::uint16_t headers_size(base::ConstByteSpan packet, const wire::IpPacket& ip) {
  std::size_t size =
      ip.source.family() == base::Family::kV4 ? std::size_t{packet[0] & 0x0FU} * 4 : wire::kIpv6HeaderSize;
  if (ip.transport_offset != 0)
    size = ip.transport_offset + transport_size(packet.subspan(ip.transport_offset), ip.protocol);
  return static_cast<std::uint16_t>(std::min(size, packet.size()));
}

impair::FlowHash flow_of(const wire::IpPacket& ip) {
  const std::hash<base::IpAddress> hash;
  std::uint64_t state = hash(ip.source) * 31 + hash(ip.destination);
  state = state * 31 + ip.protocol;
  if (!ip.is_fragment) state = state * 31 + (std::uint64_t{ip.source_port} << 16U | ip.destination_port);
  return {static_cast<std::uint32_t>(state ^ state >> 32U)};
}

}  // namespace

impair::Packet describe(const base::InnerPacket& packet, const wire::IpPacket& ip, impair::BufferId buffer) {
  return {.buffer = buffer,
          .size = static_cast<std::uint32_t>(packet.bytes.size()),
          .flow = flow_of(ip),
          .headers = headers_size(packet.bytes, ip),
          .dscp = {static_cast<std::uint8_t>(ip.traffic_class >> 2U)},
          .ecn = static_cast<impair::Ecn>(ip.traffic_class & kEcnMask)};
}

void alter(base::InnerPacket& packet, const impair::Emission& emission) {
  if (emission.is_marked) wire::mark_congestion(packet.bytes);
  if (!emission.damage) return;
  const auto before = wire::IpPacket::parse(packet.bytes);
  const auto open = before ? wire::open_checksum(*before) : std::nullopt;
  if (packet.checksum == base::Checksum::kOpen && open)
    wire::complete_checksum(packet.bytes, *open, before->protocol);
  packet.checksum = base::Checksum::kComplete;
  impair::apply(emission.damage, packet.bytes, emission.packet.headers);
  if (emission.damage.mode.checksums != impair::Checksums::kRepaired) return;
  if (const auto after = wire::IpPacket::parse(packet.bytes)) wire::repair_checksums(packet.bytes, *after);
}

}  // namespace sennit::device
