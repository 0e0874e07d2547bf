// Theory of operation: make() keeps a copy of the headers with zeros in every field that differs from packet
// to packet, and their sums. next() copies them in front of the next share of the payload and fills the
// fields in; the checksum then costs one pass over the payload, unless it is left open. What Linux does is in
// its tcp_gso_segment(), __udp_gso_segment(), inet_gso_segment() and skb_checksum_help().
#include "outbound/split.hpp"

#include <algorithm>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/header_fields.hpp"
#include "wire/open_checksum.hpp"

namespace sennit::outbound {
namespace {

using base::Segmentation;
using wire::IpProtocol;

// The words of a 32-bit field as a checksum adds them.
std::uint32_t words(std::uint32_t value) {
  return (value >> 16U) + (value & 0xFFFFU);
}

std::size_t tcp_header_size(base::ConstByteSpan tcp) {
  return static_cast<std::size_t>(tcp[wire::kTcpDataOffset] >> 4U) * 4U;
}

}  // namespace

std::optional<Splitter> Splitter::make(const base::OutboundPacket& packet, const wire::IpPacket& ip) {
  std::optional<Splitter> splitter = Splitter(packet);
  splitter->protocol_ = ip.protocol;
  const bool is_cut = packet.offload.segmentation != Segmentation::kNone;
  if (!is_cut && packet.offload.checksum_start == 0) return splitter;
  splitter->bytes_ = packet.bytes.first(ip.total_length);
  if (!splitter->fits(ip)) return std::nullopt;
  const auto open = wire::open_checksum(ip);
  splitter->may_be_open_ = open && open->checksum_start == packet.offload.checksum_start &&
                           open->checksum_offset == packet.offload.checksum_offset;
  if (is_cut) splitter->prepare(ip);
  return splitter;
}

bool Splitter::fits(const wire::IpPacket& ip) {
  const auto& [segmentation, segment_size, start, offset] = offload_;
  if (std::size_t{start} + offset + 2 > bytes_.size()) return false;
  if (segmentation == Segmentation::kNone) return true;
  if (ip.is_fragment || segment_size == 0 || start == 0 || start != ip.transport_offset) return false;
  if (segmentation == Segmentation::kTcp) {
    const std::size_t size =
        IpProtocol{protocol_} == IpProtocol::kTcp ? tcp_header_size(bytes_.subspan(start)) : 0;
    if (size < wire::kTcpHeaderSize || offset != wire::kTcpChecksum) return false;
    headers_size_ = start + size;
  } else {
    if (IpProtocol{protocol_} != IpProtocol::kUdp || offset != wire::kUdpChecksum) return false;
    headers_size_ = start + wire::kUdpHeaderSize;
  }
  return headers_size_ <= std::min(kMaxHeaders, bytes_.size());
}

void Splitter::prepare(const wire::IpPacket& ip) {
  const base::ByteSpan headers = base::ByteSpan(headers_).first(headers_size_);
  base::copy_bytes(bytes_.first(headers_size_), headers);
  const base::ByteSpan ip_header = headers.first(ip.transport_offset);
  const base::ByteSpan transport = headers.subspan(ip.transport_offset);
  const std::size_t payload = bytes_.size() - headers_size_;
  count_ = std::max<std::size_t>(1, (payload + offload_.segment_size - 1) / offload_.segment_size);
  is_v4_ = ip.source.family() == base::Family::kV4;
  if (is_v4_) {
    ipv4_id_ = wire::load_u16(ip_header, wire::kIpv4Id);
    for (const std::size_t field : {wire::kIpv4Length, wire::kIpv4Id, wire::kIpv4Checksum})
      wire::store_u16(ip_header, field, 0);
    ip_sum_ = wire::checksum_add(ip_header, 0);
  }
  wire::store_u16(transport, offload_.checksum_offset, 0);
  if (offload_.segmentation == Segmentation::kTcp) {
    tcp_sequence_ = wire::load_u32(transport, wire::kTcpSequence);
    tcp_flags_ = transport[wire::kTcpFlags];
    wire::store_u32(transport, wire::kTcpSequence, 0);
    transport[wire::kTcpFlags] = 0;
  } else {
    wire::store_u16(transport, wire::kUdpLength, 0);
  }
  pseudo_sum_ = wire::pseudo_header_sum(ip.source, ip.destination, protocol_, 0);
  transport_sum_ = wire::checksum_add(transport, pseudo_sum_);
}

std::size_t Splitter::largest() const {
  return count_ == 1 ? bytes_.size() : headers_size_ + offload_.segment_size;
}

base::InnerPacket Splitter::next() {
  if (next_ == count_) return {};
  if (offload_.segmentation != Segmentation::kNone) return next_segment();
  ++next_;
  const base::Checksum checksum = checksum_of(bytes_.size());
  if (offload_.checksum_start != 0 && checksum == base::Checksum::kComplete)
    wire::complete_checksum(bytes_, offload_, protocol_);
  return {bytes_, checksum};
}

base::Checksum Splitter::checksum_of(std::size_t size) const {
  return may_be_open_ && size > largest_complete_ ? base::Checksum::kOpen : base::Checksum::kComplete;
}

base::InnerPacket Splitter::next_segment() {
  const base::ByteSpan rest = bytes_.subspan(next_ * offload_.segment_size);
  const base::ByteSpan packet = rest.first(std::min(rest.size(), headers_size_ + offload_.segment_size));
  base::copy_bytes(base::ByteSpan(headers_).first(headers_size_), packet);
  write_ip_header(packet);
  if (offload_.segmentation == Segmentation::kTcp) {
    write_tcp_header(packet);
  } else {
    write_udp_header(packet);
  }
  ++next_;
  return {packet, checksum_of(packet.size())};
}

void Splitter::write_ip_header(base::ByteSpan packet) const {
  const auto length = static_cast<std::uint16_t>(packet.size());
  if (!is_v4_) {
    wire::store_u16(packet, wire::kIpv6Length, static_cast<std::uint16_t>(length - wire::kIpv6HeaderSize));
    return;
  }
  const auto id = static_cast<std::uint16_t>(ipv4_id_ + next_);
  wire::store_u16(packet, wire::kIpv4Length, length);
  wire::store_u16(packet, wire::kIpv4Id, id);
  wire::store_u16(packet, wire::kIpv4Checksum, wire::checksum_finish(ip_sum_ + length + id));
}

void Splitter::write_tcp_header(base::ByteSpan packet) const {
  const base::ByteSpan tcp = packet.subspan(offload_.checksum_start);
  const bool is_last = next_ + 1 == count_;
  const unsigned flags =
      tcp_flags_ & ~(is_last ? 0U : wire::kTcpFin | wire::kTcpPsh) & ~(next_ == 0 ? 0U : wire::kTcpCwr);
  const auto sequence = static_cast<std::uint32_t>(tcp_sequence_ + next_ * offload_.segment_size);
  wire::store_u32(tcp, wire::kTcpSequence, sequence);
  tcp[wire::kTcpFlags] = static_cast<std::uint8_t>(flags);
  wire::store_u16(tcp, wire::kTcpChecksum, checksum(packet, words(sequence) + flags));
}

void Splitter::write_udp_header(base::ByteSpan packet) const {
  const base::ByteSpan udp = packet.subspan(offload_.checksum_start);
  const auto length = static_cast<std::uint16_t>(udp.size());
  wire::store_u16(udp, wire::kUdpLength, length);
  wire::store_u16(udp, wire::kUdpChecksum, checksum(packet, length));
}

// What the field of a packet holds whose headers are those of all plus `changing_words`.
std::uint16_t Splitter::checksum(base::ConstByteSpan packet, std::uint32_t changing_words) const {
  const auto length = static_cast<std::uint32_t>(packet.size() - offload_.checksum_start);
  if (checksum_of(packet.size()) == base::Checksum::kOpen) return wire::checksum_fold(pseudo_sum_ + length);
  const std::uint32_t headers = transport_sum_ + length + changing_words;
  const auto checksum = wire::checksum_finish(wire::checksum_add(packet.subspan(headers_size_), headers));
  return offload_.segmentation == Segmentation::kUdp ? wire::udp_checksum(checksum) : checksum;
}

}  // namespace sennit::outbound
