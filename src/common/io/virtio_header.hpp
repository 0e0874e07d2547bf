// Between base::Offload and the virtio header that stands in front of every packet of a TUN device with
// IFF_VNET_HDR (virtio 1.2 section 5.1.6). Used by TunDevice alone. Checks only what the header itself says;
// whether it fits the packet is outbound::Splitter's to find out.
#pragma once

#include <cstdint>
#include <optional>

#include "base/packet.hpp"

namespace sennit::io {

// struct virtio_net_hdr of <linux/virtio_net.h>, which is no C++; fields in the machine's byte order.
struct VirtioHeader {
  std::uint8_t flags;
  std::uint8_t gso_type;
  std::uint16_t hdr_len;   // of all headers
  std::uint16_t gso_size;  // payload bytes a segment
  std::uint16_t csum_start;
  std::uint16_t csum_offset;  // from csum_start
};
static_assert(sizeof(VirtioHeader) == 10);

// None: a kind of superpacket that was never asked for.
std::optional<base::Offload> from_virtio(const VirtioHeader& header);
// The header to write in front of `packet`.
VirtioHeader to_virtio(const base::InboundPacket& packet);

}  // namespace sennit::io
