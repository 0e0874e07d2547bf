#include "sim/inner_ip.hpp"

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"

namespace sennit::sim {

namespace {

constexpr std::uint8_t kHopLimit = 64;

void write_v4(wire::Writer& out, const InnerIp& ip, std::size_t transport_size) {
  out.u8(0x45);
  out.u8(static_cast<std::uint8_t>(ip.ecn));
  out.u16(static_cast<std::uint16_t>(20 + transport_size));
  out.u32(0x0000'4000);  // DF
  out.u8(kHopLimit);
  out.u8(static_cast<std::uint8_t>(ip.protocol));
  out.u16(0);
}

void write_v6(wire::Writer& out, const InnerIp& ip, std::size_t transport_size) {
  out.u32(0x6000'0000U | static_cast<std::uint32_t>(ip.ecn) << 20U);
  out.u16(static_cast<std::uint16_t>(transport_size));
  out.u8(static_cast<std::uint8_t>(ip.protocol));
  out.u8(kHopLimit);
}

// Over pseudo header, transport header and payload; zero when the checksum inside is right.
std::uint16_t transport_checksum(const base::IpAddress& source, const base::IpAddress& destination,
                                 std::uint8_t protocol, base::ConstByteSpan transport) {
  const auto pseudo = wire::pseudo_header_sum(source, destination, protocol, transport.size());
  return wire::checksum_finish(wire::checksum_add(transport, pseudo));
}

}  // namespace

std::vector<std::uint8_t> InnerIp::packet_for(std::size_t transport_size) const {
  const bool is_v4 = source.family() == base::Family::kV4;
  const auto header = header_size(source.family());
  std::vector<std::uint8_t> packet(header + transport_size);
  wire::Writer out(packet);
  if (is_v4)
    write_v4(out, *this, transport_size);
  else
    write_v6(out, *this, transport_size);
  out.bytes(source.bytes());
  out.bytes(destination.bytes());
  const auto bytes = base::ByteSpan(packet);
  if (is_v4) wire::store_u16(bytes, 10, wire::checksum_finish(wire::checksum_add(bytes.first(header), 0)));
  return packet;
}

void complete_checksum(base::ByteSpan packet, const InnerIp& ip, std::size_t offset_in_transport) {
  const auto transport = packet.subspan(InnerIp::header_size(ip.source.family()));
  const auto sum =
      transport_checksum(ip.source, ip.destination, static_cast<std::uint8_t>(ip.protocol), transport);
  const bool is_udp_zero = sum == 0 && ip.protocol == wire::IpProtocol::kUdp;
  wire::store_u16(transport, offset_in_transport, is_udp_zero ? 0xFFFF : sum);
}

std::optional<wire::IpPacket> parse_inner(base::ConstByteSpan packet, wire::IpProtocol protocol) {
  auto ip = wire::IpPacket::parse(packet);
  if (!ip || ip->protocol != static_cast<std::uint8_t>(protocol) || ip->transport_offset == 0 ||
      ip->total_length != packet.size())
    return std::nullopt;
  if (ip->source.family() == base::Family::kV4 &&
      wire::checksum_finish(wire::checksum_add(packet.first(ip->transport_offset), 0)) != 0) {
    return std::nullopt;
  }
  const auto transport = packet.subspan(ip->transport_offset);
  if (transport_checksum(ip->source, ip->destination, ip->protocol, transport) != 0) return std::nullopt;
  return ip;
}

}  // namespace sennit::sim
