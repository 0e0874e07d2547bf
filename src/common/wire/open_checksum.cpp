#include "wire/open_checksum.hpp"

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/header_fields.hpp"

namespace sennit::wire {

std::optional<base::Offload> open_checksum(const IpPacket& ip) {
  if (ip.transport_offset == 0 || ip.is_fragment) return std::nullopt;
  base::Offload offload{.checksum_start = ip.transport_offset};
  switch (IpProtocol{ip.protocol}) {
    case IpProtocol::kTcp: offload.checksum_offset = kTcpChecksum; return offload;
    case IpProtocol::kUdp: offload.checksum_offset = kUdpChecksum; return offload;
    default: return std::nullopt;
  }
}

void complete_checksum(base::ByteSpan packet, const base::Offload& offload, std::uint8_t protocol) {
  const base::ByteSpan covered = packet.subspan(offload.checksum_start);
  const std::uint16_t checksum = checksum_finish(checksum_add(covered, 0));
  const bool is_udp = IpProtocol{protocol} == IpProtocol::kUdp;
  store_u16(covered, offload.checksum_offset, is_udp ? udp_checksum(checksum) : checksum);
}

}  // namespace sennit::wire
