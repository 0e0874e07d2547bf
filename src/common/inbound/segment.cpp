#include "inbound/segment.hpp"

#include <algorithm>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/header_fields.hpp"

namespace sennit::inbound {
namespace {

using wire::IpProtocol;

constexpr std::size_t kBehindId = wire::kIpv4Id + 2;

bool same(base::ConstByteSpan one, base::ConstByteSpan other, std::size_t from, std::size_t to) {
  return std::equal(one.data() + from, one.data() + to, other.data() + from);
}

// Zero where the data offset is none.
std::size_t tcp_header_size(base::ConstByteSpan tcp) {
  const std::size_t size = static_cast<std::size_t>(tcp[wire::kTcpDataOffset] >> 4U) * 4U;
  return size < wire::kTcpHeaderSize ? 0 : size;
}

// The header's size where its flags let others follow or precede, otherwise zero.
std::size_t joinable_tcp_header(base::ConstByteSpan tcp) {
  const unsigned flags = tcp[wire::kTcpFlags];
  return (flags & ~(wire::kTcpPsh | wire::kTcpEce)) == wire::kTcpAck ? tcp_header_size(tcp) : 0;
}

// The same of a UDP datagram: it has a checksum and is as long as IP says.
std::size_t joinable_udp_header(base::ConstByteSpan udp) {
  const bool is_joinable =
      wire::load_u16(udp, wire::kUdpLength) == udp.size() && wire::load_u16(udp, wire::kUdpChecksum) != 0;
  return is_joinable ? wire::kUdpHeaderSize : 0;
}

}  // namespace

std::optional<Segment> Segment::parse(const base::InnerPacket& packet, const wire::IpPacket& ip) {
  const bool is_v4 = ip.source.family() == base::Family::kV4;
  if (ip.is_fragment || ip.transport_offset != (is_v4 ? kIpv4HeaderSize : wire::kIpv6HeaderSize))
    return std::nullopt;
  Segment segment;
  segment.packet_ = packet.bytes;
  segment.checksum_ = packet.checksum;
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
  return is_tcp_ && (transport()[wire::kTcpFlags] & wire::kTcpPsh) != 0;
}

std::size_t Segment::checksum_offset() const {
  return is_tcp_ ? wire::kTcpChecksum : wire::kUdpChecksum;
}

bool Segment::continues(const Segment& first, std::size_t index) const {
  return payload().size() <= first.payload().size() && continues_ip(first, index) &&
         (!is_tcp_ || continues_tcp(first, index));
}

// Lengths and checksums differ, IPv4's id counts on, everything else is the same.
bool Segment::continues_ip(const Segment& first, std::size_t index) const {
  const base::ConstByteSpan other = first.packet_;
  if (!is_v4()) {
    return same(packet_, other, 0, wire::kIpv6Length) &&
           same(packet_, other, wire::kIpv6Length + 2, wire::kIpv6Addresses);
  }
  const auto id = static_cast<std::uint16_t>(wire::load_u16(other, wire::kIpv4Id) + index);
  return wire::load_u16(packet_, wire::kIpv4Id) == id && same(packet_, other, 0, wire::kIpv4Length) &&
         same(packet_, other, kBehindId, wire::kIpv4Checksum);
}

// PSH may differ as well, since only the last packet keeps it. The options are as long where the data offset
// is the same.
bool Segment::continues_tcp(const Segment& first, std::size_t index) const {
  const base::ConstByteSpan tcp = transport();
  const base::ConstByteSpan other = first.transport();
  const std::size_t sequence = wire::load_u32(other, wire::kTcpSequence) + index * first.payload().size();
  const unsigned different_flags = static_cast<unsigned>(tcp[wire::kTcpFlags] ^ other[wire::kTcpFlags]);
  return wire::load_u32(tcp, wire::kTcpSequence) == static_cast<std::uint32_t>(sequence) &&
         (different_flags & ~wire::kTcpPsh) == 0 &&
         same(tcp, other, wire::kTcpAcknowledgment, wire::kTcpFlags) &&
         same(tcp, other, wire::kTcpWindow, wire::kTcpChecksum) &&
         same(tcp, other, wire::kTcpUrgentPointer, headers_size_ - std::size_t{transport_offset_});
}

Segment::Sums Segment::sums() const {
  const base::ConstByteSpan ip = packet_.first(transport_offset_);
  const base::ConstByteSpan addresses = ip.subspan(is_v4() ? wire::kIpv4Addresses : wire::kIpv6Addresses);
  const IpProtocol protocol = is_tcp_ ? IpProtocol::kTcp : IpProtocol::kUdp;
  Sums sums;
  sums.pseudo = wire::checksum_add(addresses, static_cast<std::uint32_t>(protocol));
  if (!is_v4()) return sums;
  sums.ip = wire::checksum_add(ip.first(wire::kIpv4Length), 0);
  sums.ip = wire::checksum_add(ip.subspan(kBehindId, wire::kIpv4Checksum - kBehindId), sums.ip);
  sums.ip = wire::checksum_add(addresses, sums.ip);
  return sums;
}

// Of zero's two forms, cutting puts 0x0000 into IPv4 and TCP and 0xFFFF into UDP.
bool Segment::has_valid_checksums(const Sums& sums) const {
  if (is_v4()) {
    const std::uint32_t sum =
        sums.ip + wire::load_u16(packet_, wire::kIpv4Length) + wire::load_u16(packet_, wire::kIpv4Id);
    if (wire::load_u16(packet_, wire::kIpv4Checksum) != wire::checksum_finish(sum)) return false;
  }
  return has_valid_transport_checksum(sums.pseudo + static_cast<std::uint32_t>(transport().size()));
}

bool Segment::has_valid_transport_checksum(std::uint32_t pseudo_sum) const {
  constexpr std::uint32_t kRight = 0xFFFF;
  constexpr std::uint16_t kOtherZero = 0xFFFF;
  const std::uint16_t checksum = wire::load_u16(transport(), checksum_offset());
  if (checksum_ == base::Checksum::kOpen) return wire::checksum_fold(pseudo_sum) == checksum;
  if (is_tcp_ && checksum == kOtherZero) return false;
  return wire::checksum_add(transport(), pseudo_sum) == kRight;
}

base::Offload Segment::offload_alone() const {
  if (checksum_ == base::Checksum::kComplete) return {};
  return {.checksum_start = transport_offset_,
          .checksum_offset = static_cast<std::uint16_t>(checksum_offset())};
}

base::Offload Segment::make_superpacket(std::size_t size, bool ends_with_push) const {
  const std::size_t length = size - transport_offset_;
  const base::ByteSpan tcp_or_udp = transport();
  if (is_v4()) {
    wire::store_u16(packet_, wire::kIpv4Length, static_cast<std::uint16_t>(size));
    wire::store_u16(packet_, wire::kIpv4Checksum, 0);
    wire::store_u16(packet_, wire::kIpv4Checksum,
                    wire::checksum_finish(wire::checksum_add(packet_.first(kIpv4HeaderSize), 0)));
  } else {
    wire::store_u16(packet_, wire::kIpv6Length, static_cast<std::uint16_t>(length));
  }
  if (!is_tcp_) wire::store_u16(tcp_or_udp, wire::kUdpLength, static_cast<std::uint16_t>(length));
  if (ends_with_push) tcp_or_udp[wire::kTcpFlags] |= wire::kTcpPsh;
  const std::uint32_t sum = sums().pseudo + static_cast<std::uint32_t>(length);
  wire::store_u16(tcp_or_udp, checksum_offset(), wire::checksum_fold(sum));
  return {.segmentation = is_tcp_ ? base::Segmentation::kTcp : base::Segmentation::kUdp,
          .segment_size = static_cast<std::uint16_t>(payload().size()),
          .checksum_start = transport_offset_,
          .checksum_offset = static_cast<std::uint16_t>(checksum_offset())};
}

}  // namespace sennit::inbound
