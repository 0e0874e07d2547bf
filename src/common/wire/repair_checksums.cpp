#include "wire/repair_checksums.hpp"

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/header_fields.hpp"

namespace sennit::wire {

namespace {

constexpr std::size_t kIcmpChecksum = 2;

void repair_ipv4_header(base::ByteSpan packet) {
  const auto header = packet.first(std::size_t{packet[0] & 0x0FU} * 4);
  store_u16(header, kIpv4Checksum, 0);
  store_u16(header, kIpv4Checksum, checksum_finish(checksum_add(header, 0)));
}

std::optional<std::size_t> checksum_offset(const IpPacket& ip) {
  switch (IpProtocol{ip.protocol}) {
    case IpProtocol::kTcp: return kTcpChecksum;
    case IpProtocol::kUdp: return kUdpChecksum;
    case IpProtocol::kIcmp:
    case IpProtocol::kIcmpV6: return kIcmpChecksum;
    default: return std::nullopt;
  }
}

}  // namespace

void repair_checksums(base::ByteSpan packet, const IpPacket& ip) {
  const bool is_v4 = ip.source.family() == base::Family::kV4;
  if (is_v4) repair_ipv4_header(packet);
  const auto offset = checksum_offset(ip);
  if (!offset || ip.transport_offset == 0 || ip.is_fragment) return;
  const auto transport = packet.first(ip.total_length).subspan(ip.transport_offset);
  const bool is_udp = IpProtocol{ip.protocol} == IpProtocol::kUdp;
  // Over IPv4, zero says that there is none (RFC 768).
  if (is_udp && is_v4 && load_u16(transport, *offset) == 0) return;
  const bool has_pseudo = IpProtocol{ip.protocol} != IpProtocol::kIcmp;
  store_u16(transport, *offset, 0);
  const auto pseudo =
      has_pseudo ? pseudo_header_sum(ip.source, ip.destination, ip.protocol, transport.size()) : 0;
  const auto checksum = checksum_finish(checksum_add(transport, pseudo));
  store_u16(transport, *offset, is_udp ? udp_checksum(checksum) : checksum);
}

}  // namespace sennit::wire
