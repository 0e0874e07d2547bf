#include "wire/ecn.hpp"

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/header_fields.hpp"

namespace sennit::wire {

namespace {
constexpr unsigned kEcnMask = 0x03;
constexpr unsigned kCongestionExperienced = 0x03;
constexpr std::size_t kIpv4HeaderSize = 20;
// IPv6's traffic class lies across the first two bytes.
constexpr unsigned kIpv6Shift = 4;
}  // namespace

bool mark_congestion(base::ByteSpan packet) {
  if (packet.size() < kIpv4HeaderSize) return false;
  const bool is_v4 = packet[0] >> 4U == 4;
  const unsigned shift = is_v4 ? 0 : kIpv6Shift;
  const auto before = load_u16(packet, 0);
  const auto after = static_cast<std::uint16_t>(before | kCongestionExperienced << shift);
  if ((before >> shift & kEcnMask) == 0) return false;
  store_u16(packet, 0, after);
  if (!is_v4) return true;
  const auto checksum = load_u16(packet, kIpv4Checksum);
  store_u16(packet, kIpv4Checksum, checksum_update(checksum, before, after));
  return true;
}

}  // namespace sennit::wire
