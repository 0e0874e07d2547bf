#include "inbound/segment.hpp"

#include <algorithm>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"

namespace sennit::inbound {
namespace {

using wire::IpProtocol;
using wire::load_u16;
using wire::store_u16;

// Offsets of fields within the header they belong to.
constexpr std::size_t kIpv4Length = 2;
constexpr std::size_t kIpv4Id = 4;
constexpr std::size_t kIpv4Checksum = 10;
constexpr std::size_t kIpv4Addresses = 12;
constexpr std::size_t kIpv6HeaderSize = 40;
constexpr std::size_t kIpv6Length = 4;
constexpr std::size_t kIpv6Addresses = 8;
constexpr std::size_t kTcpHeaderSize = 20;
constexpr std::size_t kTcpSequence = 4;
constexpr std::size_t kTcpAcknowledgment = 8;
constexpr std::size_t kTcpDataOffset = 12;
constexpr std::size_t kTcpFlags = 13;
constexpr std::size_t kTcpWindow = 14;
constexpr std::size_t kTcpChecksum = 16;
constexpr std::size_t kTcpUrgentPointer = 18;
constexpr std::size_t kUdpHeaderSize = 8;
constexpr std::size_t kUdpLength = 4;
constexpr std::size_t kUdpChecksum = 6;

constexpr unsigned kPsh = 0x08;
constexpr unsigned kAck = 0x10;
constexpr unsigned kEce = 0x40;

std::uint32_t load_u32(base::ConstByteSpan bytes, std::size_t offset) {
  return std::uint32_t{load_u16(bytes, offset)} << 16U | load_u16(bytes, offset + 2);
}

bool same(base::ConstByteSpan one, base::ConstByteSpan other, std::size_t from, std::size_t to) {
  return std::equal(one.data() + from, one.data() + to, other.data() + from);
}

// Zero where the data offset is none.
std::size_t tcp_header_size(base::ConstByteSpan tcp) {
  const std::size_t size = static_cast<std::size_t>(tcp[kTcpDataOffset] >> 4U) * 4U;
  return size < kTcpHeaderSize ? 0 : size;
}

// The header's size where its flags let others follow or precede, otherwise zero.
std::size_t joinable_tcp_header(base::ConstByteSpan tcp) {
  const unsigned flags = tcp[kTcpFlags];
  return (flags & ~(kPsh | kEce)) == kAck ? tcp_header_size(tcp) : 0;
}

// The same of a UDP datagram: it has a checksum and is as long as IP says.
std::size_t joinable_udp_header(base::ConstByteSpan udp) {
  const bool is_joinable = load_u16(udp, kUdpLength) == udp.size() && load_u16(udp, kUdpChecksum) != 0;
  return is_joinable ? kUdpHeaderSize : 0;
}

}  // namespace

std::optional<Segment> Segment::parse(base::ByteSpan packet, const wire::IpPacket& ip) {
  const bool is_v4 = ip.source.family() == base::Family::kV4;
  if (ip.is_fragment || ip.transport_offset != (is_v4 ? kIpv4HeaderSize : kIpv6HeaderSize))
    return std::nullopt;
  Segment segment;
  segment.packet_ = packet;
  segment.transport_offset_ = ip.transport_offset;
  segment.is_tcp_ = IpProtocol{ip.protocol} == IpProtocol::kTcp;
  const base::ConstByteSpan transport = segment.transport();
  const std::size_t header =
      segment.is_tcp_ ? joinable_tcp_header(transport) : joinable_udp_header(transport);
  if (header == 0 || header >= transport.size()) return std::nullopt;
  segment.headers_size_ = static_cast<std::uint16_t>(ip.transport_offset + header);
  return segment;
}

bool Segment::is_pushed() const {
  return is_tcp_ && (transport()[kTcpFlags] & kPsh) != 0;
}

std::size_t Segment::checksum_offset() const {
  return is_tcp_ ? kTcpChecksum : kUdpChecksum;
}

bool Segment::continues(const Segment& first, std::size_t index) const {
  return payload().size() <= first.payload().size() && continues_ip(first, index) &&
         (!is_tcp_ || continues_tcp(first, index));
}

// Lengths and checksums differ, IPv4's id counts on, everything else is the same.
bool Segment::continues_ip(const Segment& first, std::size_t index) const {
  const base::ConstByteSpan other = first.packet_;
  if (!is_v4()) {
    return same(packet_, other, 0, kIpv6Length) && same(packet_, other, kIpv6Length + 2, kIpv6Addresses);
  }
  const auto id = static_cast<std::uint16_t>(load_u16(other, kIpv4Id) + index);
  return load_u16(packet_, kIpv4Id) == id && same(packet_, other, 0, kIpv4Length) &&
         same(packet_, other, kIpv4Id + 2, kIpv4Checksum);
}

// PSH may differ as well, since only the last packet keeps it. The options are as long where the data offset
// is the same.
bool Segment::continues_tcp(const Segment& first, std::size_t index) const {
  const base::ConstByteSpan tcp = transport();
  const base::ConstByteSpan other = first.transport();
  const std::size_t sequence = load_u32(other, kTcpSequence) + index * first.payload().size();
  const unsigned different_flags = static_cast<unsigned>(tcp[kTcpFlags] ^ other[kTcpFlags]);
  return load_u32(tcp, kTcpSequence) == static_cast<std::uint32_t>(sequence) &&
         (different_flags & ~kPsh) == 0 && same(tcp, other, kTcpAcknowledgment, kTcpFlags) &&
         same(tcp, other, kTcpWindow, kTcpChecksum) &&
         same(tcp, other, kTcpUrgentPointer, headers_size_ - std::size_t{transport_offset_});
}

// Of zero's two forms, cutting puts 0x0000 into IPv4 and TCP and 0xFFFF into UDP.
bool Segment::has_valid_checksums() const {
  constexpr std::uint32_t kRight = 0xFFFF;
  constexpr std::uint16_t kOtherZero = 0xFFFF;
  if (is_v4()) {
    if (load_u16(packet_, kIpv4Checksum) == kOtherZero) return false;
    if (wire::checksum_add(packet_.first(kIpv4HeaderSize), 0) != kRight) return false;
  }
  if (is_tcp_ && load_u16(transport(), kTcpChecksum) == kOtherZero) return false;
  return wire::checksum_add(transport(), pseudo_header(transport().size())) == kRight;
}

std::uint32_t Segment::pseudo_header(std::size_t length) const {
  const base::ConstByteSpan addresses =
      packet_.first(transport_offset_).subspan(is_v4() ? kIpv4Addresses : kIpv6Addresses);
  const IpProtocol protocol = is_tcp_ ? IpProtocol::kTcp : IpProtocol::kUdp;
  return wire::checksum_add(addresses,
                            static_cast<std::uint32_t>(protocol) + static_cast<std::uint32_t>(length));
}

base::Offload Segment::make_superpacket(std::size_t size, bool ends_with_push) const {
  const std::size_t length = size - transport_offset_;
  const base::ByteSpan tcp_or_udp = transport();
  if (is_v4()) {
    store_u16(packet_, kIpv4Length, static_cast<std::uint16_t>(size));
    store_u16(packet_, kIpv4Checksum, 0);
    store_u16(packet_, kIpv4Checksum,
              wire::checksum_finish(wire::checksum_add(packet_.first(kIpv4HeaderSize), 0)));
  } else {
    store_u16(packet_, kIpv6Length, static_cast<std::uint16_t>(length));
  }
  if (!is_tcp_) store_u16(tcp_or_udp, kUdpLength, static_cast<std::uint16_t>(length));
  if (ends_with_push) tcp_or_udp[kTcpFlags] |= kPsh;
  const std::uint32_t sum = wire::checksum_add({}, pseudo_header(length));
  store_u16(tcp_or_udp, checksum_offset(), static_cast<std::uint16_t>(sum));
  return {.segmentation = is_tcp_ ? base::Segmentation::kTcp : base::Segmentation::kUdp,
          .segment_size = static_cast<std::uint16_t>(payload().size()),
          .checksum_start = transport_offset_,
          .checksum_offset = static_cast<std::uint16_t>(checksum_offset())};
}

}  // namespace sennit::inbound
