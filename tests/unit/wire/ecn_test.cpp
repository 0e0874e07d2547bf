#include "wire/ecn.hpp"

#include <gtest/gtest.h>

#include "unit/wire/packets.hpp"

namespace sennit::wire {
namespace {

using packets::Bytes;

constexpr unsigned kNotCapable = 0;
constexpr unsigned kCongestionExperienced = 3;

// A packet with this traffic class.
Bytes v4(unsigned traffic_class) {
  auto packet = packets::ipv4(17, packets::udp({1, 2, 3}));
  packet[1] = static_cast<std::uint8_t>(traffic_class);
  packet[10] = packet[11] = 0;
  const auto sum = packets::reference_checksum({packet.begin(), packet.begin() + 20});
  packet[10] = static_cast<std::uint8_t>(sum >> 8U);
  packet[11] = static_cast<std::uint8_t>(sum);
  return packet;
}

Bytes v6(unsigned traffic_class) {
  auto packet = packets::ipv6(17, packets::udp({1, 2, 3}));
  packet[0] = static_cast<std::uint8_t>(0x60U | traffic_class >> 4U);
  packet[1] = static_cast<std::uint8_t>((traffic_class << 4U & 0xF0U) | (packet[1] & 0x0FU));
  return packet;
}

TEST(MarkCongestion, SetsBothBitsOfV4AndKeepsTheHeadersChecksumRight) {
  for (unsigned before = 0; before < 256; ++before) {
    auto packet = v4(before);
    const bool is_capable = (before & 3U) != kNotCapable;
    EXPECT_EQ(mark_congestion(packet), is_capable) << before;
    EXPECT_EQ(packet, v4(is_capable ? before | kCongestionExperienced : before)) << before;
    EXPECT_TRUE(packets::has_valid_ipv4_header(packet)) << before;
  }
}

TEST(MarkCongestion, SetsBothBitsOfV6AndNothingElse) {
  for (unsigned before = 0; before < 256; ++before) {
    for (const std::uint8_t label : {std::uint8_t{0x00}, std::uint8_t{0x0F}}) {
      auto packet = v6(before);
      auto expected = v6((before & 3U) == kNotCapable ? before : before | kCongestionExperienced);
      packet[1] |= label;
      expected[1] |= label;
      EXPECT_EQ(mark_congestion(packet), (before & 3U) != kNotCapable) << before;
      EXPECT_EQ(packet, expected) << before;
    }
  }
}

TEST(MarkCongestion, LeavesAloneWhatIsTooShortForAHeader) {
  for (std::size_t size = 0; size < 20; ++size) {
    Bytes packet(size, 0x47);
    const Bytes before = packet;
    EXPECT_FALSE(mark_congestion(packet));
    EXPECT_EQ(packet, before);
  }
}

}  // namespace
}  // namespace sennit::wire
