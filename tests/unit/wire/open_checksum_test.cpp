#include "wire/open_checksum.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/wire/packets.hpp"

namespace sennit::wire {
namespace {

using packets::Bytes;

std::optional<base::Offload> place_in(const Bytes& packet) {
  const auto ip = IpPacket::parse(packet);
  EXPECT_TRUE(ip);
  return open_checksum(*ip);
}

TEST(OpenChecksum, LiesWhereTcpAndUdpHaveTheirs) {
  const Bytes tcp = packets::tcp(packets::kAck, {}, {1, 2, 3});
  const Bytes udp = packets::udp({1, 2, 3});
  const auto at = [](std::uint16_t start, std::uint16_t offset) {
    return base::Offload{.checksum_start = start, .checksum_offset = offset};
  };
  EXPECT_EQ(place_in(packets::ipv4(6, tcp)), at(20, 16));
  EXPECT_EQ(place_in(packets::ipv4(17, udp)), at(20, 6));
  EXPECT_EQ(place_in(packets::ipv6(6, tcp)), at(40, 16));
  EXPECT_EQ(place_in(packets::ipv6(17, udp)), at(40, 6));
  Bytes behind_options = {17, 0, 1, 4, 0, 0, 0, 0};
  behind_options.insert(behind_options.end(), udp.begin(), udp.end());
  EXPECT_EQ(place_in(packets::ipv6(60, behind_options)), at(48, 6));
}

TEST(OpenChecksum, IsNowhereInFragmentsOtherProtocolsAndHeadersThatAreCutOff) {
  const Bytes udp = packets::udp(Bytes(40, 1));
  Bytes first_fragment = packets::ipv4(17, udp);
  first_fragment.at(6) = 0x20;
  Bytes later_fragment = packets::ipv4(17, udp);
  later_fragment.at(7) = 1;
  const Bytes table[] = {first_fragment,
                         later_fragment,
                         packets::ipv4(1, Bytes(64, 8)),
                         packets::ipv6(58, Bytes(64, 8)),
                         packets::ipv4(132, Bytes(64, 1)),
                         packets::ipv4(136, Bytes(64, 1)),
                         packets::ipv4(17, Bytes(7, 1)),
                         packets::ipv4(6, Bytes(19, 1)),
                         packets::ipv6(17, {})};
  for (const Bytes& packet : table) EXPECT_FALSE(place_in(packet));
}

TEST(OpenChecksum, CompletedIsRight) {
  for (std::size_t size = 0; size < 70; ++size) {
    Bytes packet = packets::ipv4(6, packets::tcp(packets::kAck, {}, Bytes(size, 0xA5)));
    packets::fill_tcp_checksum(packet, 20);
    Bytes open = packet;
    // The sum of the pseudo-header: 192.0.2.1, 198.51.100.2, TCP and the length.
    const std::size_t sum = 0xC000 + 0x0201 + 0xC633 + 0x6402 + 6 + 20 + size;
    const std::size_t folded = sum % 0x10000 + sum / 0x10000;
    open.at(36) = static_cast<std::uint8_t>(folded / 0x100);
    open.at(37) = static_cast<std::uint8_t>(folded);
    complete_checksum(open, *place_in(open), 6);
    EXPECT_EQ(open, packet) << size;
  }
}

TEST(OpenChecksum, OfUdpIsNeverCompletedToZero) {
  Bytes packet = packets::ipv4(17, packets::udp({0, 0}));
  std::fill(packet.begin() + 20, packet.end(), std::uint8_t{0xFF});
  complete_checksum(packet, *place_in(packet), 17);
  EXPECT_EQ(packet.at(26), 0xFF);
  EXPECT_EQ(packet.at(27), 0xFF);
}

}  // namespace
}  // namespace sennit::wire
