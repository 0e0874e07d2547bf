#include "wire/mss.hpp"

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/header_fields.hpp"

namespace sennit::wire {
namespace {

constexpr std::uint8_t kEndOfOptions = 0;
constexpr std::uint8_t kNoOperation = 1;
constexpr std::uint8_t kMaximumSegmentSize = 2;
constexpr std::size_t kMssOptionSize = 4;

// RFC 6691: options of IP and TCP do not count.
unsigned largest_mss(base::Family family, InnerMtu mtu) {
  const unsigned headers = family == base::Family::kV4 ? 40 : 60;
  return mtu.value > headers ? mtu.value - headers : 0;
}

// The TCP header with its options, or nothing where `ip` is no whole TCP SYN.
base::ByteSpan syn_header(base::ByteSpan packet, const IpPacket& ip) {
  if (IpProtocol{ip.protocol} != IpProtocol::kTcp || ip.transport_offset == 0 || ip.is_fragment) return {};
  const base::ByteSpan tcp = packet.first(ip.total_length).subspan(ip.transport_offset);
  const std::size_t size = static_cast<std::size_t>(tcp[kTcpDataOffset] >> 4U) * 4U;
  const bool is_syn = (tcp[kTcpFlags] & kTcpSyn) != 0;
  if (!is_syn || size < kTcpHeaderSize || size > tcp.size()) return {};
  return tcp.first(size);
}

std::uint16_t swap_bytes(std::uint16_t word) {
  return static_cast<std::uint16_t>((word << 8U) | (word >> 8U));
}

// Writes the word at `offset` of a TCP header and keeps its checksum right, which an open one is of itself:
// it does not cover the header yet. At an odd offset the word
// straddles two words of the checksum, which then sees it with its bytes swapped (RFC 1071 section 2 (B)).
void replace_word(base::ByteSpan tcp, std::size_t offset, std::uint16_t after, base::Checksum state) {
  const std::uint16_t before = load_u16(tcp, offset);
  const std::uint16_t checksum = load_u16(tcp, kTcpChecksum);
  const bool is_odd = offset % 2 == 1;
  store_u16(tcp, offset, after);
  if (state == base::Checksum::kOpen) return;
  store_u16(tcp, kTcpChecksum,
            is_odd ? checksum_update(checksum, swap_bytes(before), swap_bytes(after))
                   : checksum_update(checksum, before, after));
}

}  // namespace

void clamp_mss(const base::InnerPacket& packet, const IpPacket& ip, InnerMtu mtu) {
  const base::ByteSpan tcp = syn_header(packet.bytes, ip);
  const unsigned largest = largest_mss(ip.source.family(), mtu);
  if (largest == 0) return;
  std::size_t at = kTcpHeaderSize;
  while (at < tcp.size() && tcp[at] != kEndOfOptions) {
    if (tcp[at] == kNoOperation) {
      ++at;
      continue;
    }
    const std::size_t size = at + 1 < tcp.size() ? tcp[at + 1] : 0;
    if (size < 2 || size > tcp.size() - at) return;
    const bool is_mss = tcp[at] == kMaximumSegmentSize && size == kMssOptionSize;
    if (is_mss && load_u16(tcp, at + 2) > largest)
      replace_word(tcp, at + 2, static_cast<std::uint16_t>(largest), packet.checksum);
    at += size;
  }
}

}  // namespace sennit::wire
