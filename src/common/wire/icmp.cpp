#include "wire/icmp.hpp"

#include <algorithm>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"

namespace sennit::wire {
namespace {

constexpr std::size_t kIpv4HeaderSize = 20;
constexpr std::size_t kIpv6HeaderSize = 40;
constexpr std::size_t kIcmpHeaderSize = 8;
constexpr std::size_t kMaxIpv4Answer = 576;  // RFC 1812 section 4.3.2.3
constexpr std::uint16_t kSmallestIpv6Mtu = 1280;
constexpr std::uint8_t kTimeToLive = 64;
constexpr std::uint8_t kInternetworkControl = 0xC0;  // RFC 1812 section 4.3.2.5

bool is_icmp_error_v4(std::uint8_t type) {
  switch (type) {
    case 3:   // destination unreachable
    case 4:   // source quench
    case 5:   // redirect
    case 11:  // time exceeded
    case 12:  // parameter problem
      return true;
    default: return false;
  }
}

bool is_icmp_error_v6(std::uint8_t type) {
  constexpr std::uint8_t kRedirect = 137;
  return type < 128 || type == kRedirect;
}

// RFC 1122 section 3.2.2: not zero, loopback, multicast, broadcast or class E.
bool is_one_host_v4(const base::IpAddress& address) {
  const std::uint8_t first = address.bytes()[0];
  return first != 0 && first != 127 && first < 224;
}

bool is_one_host_v6(const base::IpAddress& address) {
  const base::ConstByteSpan bytes = address.bytes();
  const bool is_loopback =
      bytes.back() == 1 && std::ranges::all_of(bytes.first(15), [](auto b) { return b == 0; });
  return !address.is_unspecified() && !is_loopback && bytes[0] != 0xFF;
}

bool is_group(const base::IpAddress& destination) {
  const std::uint8_t first = destination.bytes()[0];
  return destination.family() == base::Family::kV4 ? first >= 224 : first == 0xFF;
}

// False for ICMP errors, and where it cannot be told because the ICMP header is not there.
bool may_be_answered(base::ConstByteSpan packet, const IpPacket& ip) {
  if (ip.transport_offset == 0) return false;
  const std::uint8_t type = packet[ip.transport_offset];
  if (ip.source.family() == base::Family::kV4) {
    const bool is_icmp = IpProtocol{ip.protocol} == IpProtocol::kIcmp;
    return is_one_host_v4(ip.source) && !(is_icmp && is_icmp_error_v4(type));
  }
  const bool is_icmp = IpProtocol{ip.protocol} == IpProtocol::kIcmpV6;
  return is_one_host_v6(ip.source) && !(is_icmp && is_icmp_error_v6(type));
}

void write_v4_header(Writer& out, const base::IpAddress& from, const base::IpAddress& to, std::size_t total) {
  out.u8(0x45);
  out.u8(kInternetworkControl);
  out.u16(static_cast<std::uint16_t>(total));
  out.u16(0);       // identification
  out.u16(0x4000);  // DF
  out.u8(kTimeToLive);
  out.u8(static_cast<std::uint8_t>(IpProtocol::kIcmp));
  out.u16(0);  // checksum
  out.bytes(from.bytes());
  out.bytes(to.bytes());
}

void write_v6_header(Writer& out, const base::IpAddress& from, const base::IpAddress& to,
                     std::size_t payload) {
  out.u32(0x60000000);
  out.u16(static_cast<std::uint16_t>(payload));
  out.u8(static_cast<std::uint8_t>(IpProtocol::kIcmpV6));
  out.u8(kTimeToLive);
  out.bytes(from.bytes());
  out.bytes(to.bytes());
}

std::size_t write_v4(base::ConstByteSpan quote, const IpPacket& ip, const base::IpAddress& own, InnerMtu mtu,
                     base::ByteSpan out) {
  quote = quote.first(std::min(quote.size(), kMaxIpv4Answer - kIpv4HeaderSize - kIcmpHeaderSize));
  const std::size_t total = kIpv4HeaderSize + kIcmpHeaderSize + quote.size();
  Writer writer(out);
  write_v4_header(writer, own, ip.source, total);
  writer.u8(3);   // destination unreachable
  writer.u8(4);   // fragmentation needed and DF set
  writer.u16(0);  // checksum
  writer.u16(0);
  writer.u16(mtu.value);
  writer.bytes(quote);
  if (!writer.ok()) return 0;
  store_u16(out, 10, checksum_finish(checksum_add(out.first(kIpv4HeaderSize), 0)));
  const base::ByteSpan icmp = out.first(total).subspan(kIpv4HeaderSize);
  store_u16(icmp, 2, checksum_finish(checksum_add(icmp, 0)));
  return total;
}

std::size_t write_v6(base::ConstByteSpan quote, const IpPacket& ip, const base::IpAddress& own, InnerMtu mtu,
                     base::ByteSpan out) {
  quote = quote.first(std::min(quote.size(), kMaxIcmpAnswer - kIpv6HeaderSize - kIcmpHeaderSize));
  const std::size_t payload = kIcmpHeaderSize + quote.size();
  Writer writer(out);
  write_v6_header(writer, own, ip.source, payload);
  writer.u8(2);   // packet too big
  writer.u8(0);   // code
  writer.u16(0);  // checksum
  writer.u32(std::max(mtu.value, kSmallestIpv6Mtu));
  writer.bytes(quote);
  if (!writer.ok()) return 0;
  const base::ByteSpan icmp = out.subspan(kIpv6HeaderSize, payload);
  const auto protocol = static_cast<std::uint8_t>(IpProtocol::kIcmpV6);
  const std::uint32_t pseudo_header = pseudo_header_sum(own, ip.source, protocol, payload);
  store_u16(icmp, 2, checksum_finish(checksum_add(icmp, pseudo_header)));
  return kIpv6HeaderSize + payload;
}

}  // namespace

std::size_t write_too_big(base::ConstByteSpan packet, const IpPacket& ip, const base::IpAddress& own,
                          InnerMtu mtu, base::ByteSpan out) {
  const bool is_same_family = own.family() == ip.source.family() && !own.is_unspecified();
  if (!is_same_family || is_group(ip.destination) || !may_be_answered(packet, ip)) return 0;
  const base::ConstByteSpan quote = packet.first(ip.total_length);
  return own.family() == base::Family::kV4 ? write_v4(quote, ip, own, mtu, out)
                                           : write_v6(quote, ip, own, mtu, out);
}

}  // namespace sennit::wire
