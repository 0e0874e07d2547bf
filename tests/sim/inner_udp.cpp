#include "sim/inner_udp.hpp"

#include "wire/bytes.hpp"

namespace sennit::sim {

std::vector<std::uint8_t> InnerUdp::serialize() const {
  const InnerIp ip{source.address, destination.address, wire::IpProtocol::kUdp, ecn};
  const std::size_t udp_size = 8 + payload.size();
  auto packet = ip.packet_for(udp_size);
  wire::Writer out(base::ByteSpan(packet).subspan(packet.size() - udp_size));
  out.u16(source.port);
  out.u16(destination.port);
  out.u16(static_cast<std::uint16_t>(udp_size));
  out.u16(0);
  out.bytes(payload);
  complete_checksum(packet, ip, 6);
  return packet;
}

std::optional<InnerUdp> InnerUdp::parse(base::ConstByteSpan packet) {
  const auto ip = parse_inner(packet, wire::IpProtocol::kUdp);
  if (!ip) return std::nullopt;
  const auto payload = packet.subspan(ip->transport_offset + 8U);
  return InnerUdp{{ip->source, ip->source_port},
                  {ip->destination, ip->destination_port},
                  {payload.begin(), payload.end()},
                  static_cast<Ecn>(ip->traffic_class & 3U)};
}

}  // namespace sennit::sim
