#include "sim/inner_udp.hpp"

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/ip.hpp"

namespace sennit::sim {

namespace {

constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kHopLimit = 64;

// Over pseudo header and UDP header with payload (RFC 768, RFC 8200 section 8.1); zero when the checksum
// inside is right.
std::uint16_t udp_checksum(const base::IpAddress& source, const base::IpAddress& destination,
                           base::ConstByteSpan udp) {
  std::uint32_t sum = wire::checksum_add(source.bytes(), kUdp + static_cast<std::uint32_t>(udp.size()));
  sum = wire::checksum_add(destination.bytes(), sum);
  return wire::checksum_finish(wire::checksum_add(udp, sum));
}

void write_ip_header(wire::Writer& out, const InnerUdp& udp, std::size_t udp_size) {
  if (udp.source.address.family() == base::Family::kV4) {
    out.u16(0x4500);
    out.u16(static_cast<std::uint16_t>(20 + udp_size));
    out.u32(0x0000'4000);  // DF
    out.u8(kHopLimit);
    out.u8(kUdp);
    out.u16(0);
  } else {
    out.u32(0x6000'0000);
    out.u16(static_cast<std::uint16_t>(udp_size));
    out.u8(kUdp);
    out.u8(kHopLimit);
  }
  out.bytes(udp.source.address.bytes());
  out.bytes(udp.destination.address.bytes());
}

void put_checksum(base::ByteSpan at, std::uint16_t checksum) {
  wire::Writer(at).u16(checksum);
}

}  // namespace

std::vector<std::uint8_t> InnerUdp::serialize() const {
  const auto family = source.address.family();
  const std::size_t udp_size = 8 + payload.size();
  const std::size_t ip_header = overhead(family) - 8;
  std::vector<std::uint8_t> packet(ip_header + udp_size);
  wire::Writer out(packet);
  write_ip_header(out, *this, udp_size);
  out.u16(source.port);
  out.u16(destination.port);
  out.u16(static_cast<std::uint16_t>(udp_size));
  out.u16(0);
  out.bytes(payload);
  const auto bytes = base::ByteSpan(packet);
  const auto checksum = udp_checksum(source.address, destination.address, bytes.subspan(ip_header));
  put_checksum(bytes.subspan(ip_header + 6), checksum == 0 ? 0xFFFF : checksum);
  if (family == base::Family::kV4) {
    put_checksum(bytes.subspan(10), wire::checksum_finish(wire::checksum_add(bytes.first(ip_header), 0)));
  }
  return packet;
}

std::optional<InnerUdp> InnerUdp::parse(base::ConstByteSpan packet) {
  const auto ip = wire::IpPacket::parse(packet);
  if (!ip || ip->protocol != kUdp || ip->transport_offset == 0 || ip->total_length != packet.size())
    return std::nullopt;
  if (ip->source.family() == base::Family::kV4 &&
      wire::checksum_finish(wire::checksum_add(packet.first(ip->transport_offset), 0)) != 0) {
    return std::nullopt;
  }
  const auto udp = packet.subspan(ip->transport_offset);
  if (udp.size() < 8 || udp_checksum(ip->source, ip->destination, udp) != 0) return std::nullopt;
  const auto payload = udp.subspan(8);
  return InnerUdp{{ip->source, ip->source_port},
                  {ip->destination, ip->destination_port},
                  {payload.begin(), payload.end()}};
}

}  // namespace sennit::sim
