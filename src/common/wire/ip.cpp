// Theory of operation: parse() fixes the packet's length first and looks at nothing beyond it. IPv6 extension
// headers are walked up to kMaxExtensionHeaders; a chain that is longer, cut off or inside a later fragment
// leaves transport_offset zero, and the packet is then told apart by its addresses alone.
#include "wire/ip.hpp"

#include <array>

#include "wire/bytes.hpp"

namespace sennit::wire {
namespace {

constexpr std::size_t kIpv4HeaderSize = 20;
constexpr std::size_t kIpv6HeaderSize = 40;
constexpr unsigned kMaxExtensionHeaders = 8;
constexpr std::size_t kSmallestExtension = 8;

// IPv6 extension headers by their protocol number.
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kAuthentication = 51;
constexpr std::uint8_t kDestinationOptions = 60;

constexpr bool is_extension(std::uint8_t protocol) {
  switch (protocol) {
    case kHopByHop:
    case kRouting:
    case kFragment:
    case kAuthentication:
    case kDestinationOptions: return true;
    default: return false;
  }
}

constexpr bool has_ports(std::uint8_t protocol) {
  switch (IpProtocol{protocol}) {
    case IpProtocol::kTcp:
    case IpProtocol::kUdp:
    case IpProtocol::kDccp:
    case IpProtocol::kSctp:
    case IpProtocol::kUdpLite: return true;
    default: return false;
  }
}

constexpr std::size_t smallest_header(std::uint8_t protocol) {
  switch (IpProtocol{protocol}) {
    case IpProtocol::kTcp: return 20;
    case IpProtocol::kUdp:
    case IpProtocol::kUdpLite:
    case IpProtocol::kIcmp:
    case IpProtocol::kIcmpV6: return 8;
    default: return 1;
  }
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> copy_array(base::ConstByteSpan bytes, std::size_t offset) {
  std::array<std::uint8_t, kSize> copy;
  base::copy_bytes(bytes.subspan(offset).first<kSize>(), copy);
  return copy;
}

void set_transport(base::ConstByteSpan packet, std::size_t offset, IpPacket& ip) {
  const std::size_t size = packet.size() - offset;
  if (has_ports(ip.protocol) && size >= 4) {
    ip.source_port = load_u16(packet, offset);
    ip.destination_port = load_u16(packet, offset + 2);
  }
  if (size >= smallest_header(ip.protocol)) ip.transport_offset = static_cast<std::uint16_t>(offset);
}

std::optional<IpPacket> parse_v4(base::ConstByteSpan bytes) {
  if (bytes.size() < kIpv4HeaderSize) return std::nullopt;
  const std::size_t header_size = static_cast<std::size_t>(bytes[0] & 0x0FU) * 4U;
  const std::size_t total = load_u16(bytes, 2);
  if (header_size < kIpv4HeaderSize || total < header_size || total > bytes.size()) return std::nullopt;
  const std::uint16_t fragmentation = load_u16(bytes, 6);
  IpPacket ip;
  ip.source = base::IpAddress::v4(copy_array<4>(bytes, 12));
  ip.destination = base::IpAddress::v4(copy_array<4>(bytes, 16));
  ip.protocol = bytes[9];
  ip.traffic_class = bytes[1];
  ip.total_length = static_cast<std::uint16_t>(total);
  ip.dont_fragment = (fragmentation & 0x4000U) != 0;
  ip.is_fragment = (fragmentation & 0x3FFFU) != 0;
  const bool is_later_fragment = (fragmentation & 0x1FFFU) != 0;
  if (!is_later_fragment) set_transport(bytes.first(total), header_size, ip);
  return ip;
}

// The length of the extension header at `offset`, of which the first eight bytes are there.
std::size_t extension_size(std::uint8_t type, base::ConstByteSpan packet, std::size_t offset) {
  const std::size_t length = packet[offset + 1];
  if (type == kFragment) return kSmallestExtension;
  return type == kAuthentication ? (length + 2) * 4 : (length + 1) * 8;
}

void walk_extensions(base::ConstByteSpan packet, IpPacket& ip) {
  std::size_t offset = kIpv6HeaderSize;
  for (unsigned count = 0; is_extension(ip.protocol); ++count) {
    const std::size_t left = packet.size() - offset;
    if (count == kMaxExtensionHeaders || left < kSmallestExtension) return;
    const std::size_t size = extension_size(ip.protocol, packet, offset);
    if (size > left) return;
    const bool is_fragment_header = ip.protocol == kFragment;
    ip.protocol = packet[offset];
    if (is_fragment_header) {
      const std::uint16_t fragmentation = load_u16(packet, offset + 2);
      ip.is_fragment = (fragmentation & 0xFFF9U) != 0;
      const bool is_later_fragment = (fragmentation & 0xFFF8U) != 0;
      if (is_later_fragment) return;
    }
    offset += size;
  }
  set_transport(packet, offset, ip);
}

std::optional<IpPacket> parse_v6(base::ConstByteSpan bytes) {
  if (bytes.size() < kIpv6HeaderSize) return std::nullopt;
  const std::size_t total = kIpv6HeaderSize + load_u16(bytes, 4);
  if (total > bytes.size() || total > 0xFFFF) return std::nullopt;
  IpPacket ip;
  ip.source = base::IpAddress::v6(copy_array<16>(bytes, 8));
  ip.destination = base::IpAddress::v6(copy_array<16>(bytes, 24));
  ip.protocol = bytes[6];
  ip.traffic_class = static_cast<std::uint8_t>(load_u16(bytes, 0) >> 4U);
  ip.total_length = static_cast<std::uint16_t>(total);
  ip.dont_fragment = true;
  walk_extensions(bytes.first(total), ip);
  return ip;
}

}  // namespace

std::optional<IpPacket> IpPacket::parse(base::ConstByteSpan bytes) {
  if (bytes.empty()) return std::nullopt;
  switch (bytes[0] >> 4U) {
    case 4: return parse_v4(bytes);
    case 6: return parse_v6(bytes);
    default: return std::nullopt;
  }
}

}  // namespace sennit::wire
