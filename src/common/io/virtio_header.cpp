#include "io/virtio_header.hpp"

namespace sennit::io {

namespace {

// Values of the virtio specification's fields.
constexpr std::uint8_t kNeedsChecksum = 1;
constexpr std::uint8_t kGsoNone = 0;
constexpr std::uint8_t kGsoTcpV4 = 1;
constexpr std::uint8_t kGsoTcpV6 = 4;
constexpr std::uint8_t kGsoUdp = 5;
constexpr unsigned kGsoEcn = 0x80;  // beside a TCP kind: CWR is set
constexpr std::size_t kUdpHeaderSize = 8;

constexpr std::optional<base::Segmentation> segmentation_of(std::uint8_t gso_type) {
  switch (gso_type & ~kGsoEcn) {
    case kGsoNone: return base::Segmentation::kNone;
    case kGsoTcpV4:
    case kGsoTcpV6: return base::Segmentation::kTcp;
    case kGsoUdp: return base::Segmentation::kUdp;
    default: return std::nullopt;
  }
}

std::uint8_t gso_type_of(const base::InboundPacket& packet) {
  switch (packet.offload.segmentation) {
    case base::Segmentation::kNone: return kGsoNone;
    case base::Segmentation::kTcp: return packet.bytes[0] >> 4U == 4 ? kGsoTcpV4 : kGsoTcpV6;
    case base::Segmentation::kUdp: return kGsoUdp;
  }
  return kGsoNone;
}

// Bytes of all headers of a superpacket.
std::uint16_t header_length(const base::InboundPacket& packet) {
  const auto start = packet.offload.checksum_start;
  const bool is_tcp = packet.offload.segmentation == base::Segmentation::kTcp;
  const std::size_t transport = is_tcp ? std::size_t{4} * (packet.bytes[start + 12U] >> 4U) : kUdpHeaderSize;
  return static_cast<std::uint16_t>(start + transport);
}

}  // namespace

std::optional<base::Offload> from_virtio(const VirtioHeader& header) {
  const auto segmentation = segmentation_of(header.gso_type);
  if (!segmentation) return std::nullopt;
  base::Offload offload{*segmentation};
  if (offload.segmentation != base::Segmentation::kNone) offload.segment_size = header.gso_size;
  if ((header.flags & kNeedsChecksum) != 0) {
    offload.checksum_start = header.csum_start;
    offload.checksum_offset = header.csum_offset;
  }
  return offload;
}

VirtioHeader to_virtio(const base::InboundPacket& packet) {
  VirtioHeader header{};
  const auto& offload = packet.offload;
  header.gso_type = gso_type_of(packet);
  if (offload.segmentation != base::Segmentation::kNone) {
    header.gso_size = offload.segment_size;
    header.hdr_len = header_length(packet);
  }
  if (offload.checksum_start != 0) {
    header.flags = kNeedsChecksum;
    header.csum_start = offload.checksum_start;
    header.csum_offset = offload.checksum_offset;
  }
  return header;
}

}  // namespace sennit::io
