// Inner packets: headers, MSS clamp and ICMP answers. The first two bytes of the input are the MTU, the rest
// the packet.
#include <algorithm>
#include <array>
#include <vector>

#include "fuzz/require.hpp"
#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/icmp.hpp"
#include "wire/ip.hpp"
#include "wire/mss.hpp"

namespace {

using namespace sennit;
using fuzz::require;

bool has_valid_tcp_checksum(base::ConstByteSpan packet, const wire::IpPacket& ip) {
  const base::ConstByteSpan segment = packet.first(ip.total_length).subspan(ip.transport_offset);
  std::uint32_t sum = wire::checksum_add(ip.destination.bytes(), wire::checksum_add(ip.source.bytes(), 0));
  sum += static_cast<std::uint32_t>(segment.size()) + ip.protocol;
  return wire::checksum_finish(wire::checksum_add(segment, sum)) == 0;
}

// Gives a TCP packet the checksum that it should have, so that the clamp's update is checked on every input.
void fill_tcp_checksum(base::ByteSpan packet, const wire::IpPacket& ip) {
  const std::size_t at = ip.transport_offset + 16U;
  wire::store_u16(packet, at, 0);
  const base::ConstByteSpan segment = packet.first(ip.total_length).subspan(ip.transport_offset);
  std::uint32_t sum = wire::checksum_add(ip.destination.bytes(), wire::checksum_add(ip.source.bytes(), 0));
  sum += static_cast<std::uint32_t>(segment.size()) + ip.protocol;
  wire::store_u16(packet, at, wire::checksum_finish(wire::checksum_add(segment, sum)));
}

void check_header(base::ConstByteSpan packet, const wire::IpPacket& ip) {
  require(ip.total_length <= packet.size(), "the length is within the bytes");
  require(ip.transport_offset < ip.total_length, "the upper layer is within the packet");
  require(ip.source.family() == ip.destination.family(), "both addresses are of one family");
}

void check_clamp(base::ConstByteSpan packet, const wire::IpPacket& ip, wire::InnerMtu mtu) {
  std::vector<std::uint8_t> clamped(packet.begin(), packet.end());
  const bool is_tcp = ip.protocol == 6 && ip.transport_offset != 0;
  if (is_tcp) fill_tcp_checksum(clamped, ip);
  const std::vector<std::uint8_t> before = clamped;
  wire::clamp_mss({clamped}, ip, mtu);
  if (!is_tcp) require(clamped == before, "only TCP is touched");
  if (is_tcp) require(has_valid_tcp_checksum(clamped, ip), "the checksum stays right");
  const auto again = wire::IpPacket::parse(clamped);
  require(again && again->transport_offset == ip.transport_offset, "the packet still parses");
  const std::vector<std::uint8_t> once = clamped;
  wire::clamp_mss({clamped}, *again, mtu);
  require(clamped == once, "a second clamp finds nothing to do");
}

void check_answer(base::ConstByteSpan packet, const wire::IpPacket& ip, wire::InnerMtu mtu) {
  const bool is_v4 = ip.source.family() == base::Family::kV4;
  const auto own = is_v4 ? base::IpAddress::v4({10, 77, 0, 1}) : base::IpAddress::v6({0xFD, 1});
  std::array<std::uint8_t, wire::kMaxIcmpAnswer> out{};
  const std::size_t size = wire::write_too_big(packet, ip, own, mtu, out);
  if (size == 0) return;
  require(size <= (is_v4 ? 576U : 1280U), "an answer keeps to its limit");
  const base::ConstByteSpan answer = std::span(out).first(size);
  const auto parsed = wire::IpPacket::parse(answer);
  require(parsed && parsed->total_length == size && parsed->destination == ip.source,
          "an answer is a packet back");
  std::array<std::uint8_t, wire::kMaxIcmpAnswer> second{};
  require(wire::write_too_big(answer, *parsed, parsed->destination, mtu, second) == 0,
          "no answer to an answer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const base::ConstByteSpan input(data, size);
  const wire::InnerMtu mtu{wire::load_u16(input, 0)};
  const base::ConstByteSpan packet = input.subspan(2);
  const auto ip = wire::IpPacket::parse(packet);
  if (!ip) return 0;
  check_header(packet, *ip);
  check_clamp(packet, *ip, mtu);
  check_answer(packet, *ip, mtu);
  return 0;
}
