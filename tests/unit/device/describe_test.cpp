#include "device/describe.hpp"

#include <gtest/gtest.h>

#include "unit/device/packets.hpp"

namespace sennit::device {
namespace {

impair::Packet described(Bytes packet) {
  return describe({packet}, *wire::IpPacket::parse(packet), {});
}

TEST(Describe, TellsSizeHeadersAndTrafficClass) {
  // AF41 with ECT(0).
  const auto v4 = described(udp_packet("10.0.0.1", "10.0.0.2", 0, 300, 34U << 2U | 2U));
  EXPECT_EQ(v4.size, 300U);
  EXPECT_EQ(v4.headers, 28U);
  EXPECT_EQ(v4.dscp.value, 34U);
  EXPECT_EQ(v4.ecn, impair::Ecn::kCapable0);
  EXPECT_EQ(described(udp_packet("fd00::1", "fd00::2")).headers, 48U);
}

TEST(Describe, TellsFlowsApart) {
  const auto first = described(udp_packet("10.0.0.1", "10.0.0.2", 1));
  EXPECT_EQ(first.flow, described(udp_packet("10.0.0.1", "10.0.0.2", 2)).flow);
  EXPECT_NE(first.flow, described(udp_packet("10.0.0.3", "10.0.0.2", 1)).flow);
}

TEST(Alter, MarksCongestionWithTheChecksumRight) {
  auto packet = udp_packet("10.0.0.1", "10.0.0.2", 0, 100, 2);
  base::InnerPacket inner{packet};
  alter(inner, {.is_marked = true});
  EXPECT_EQ(packet[1] & 3U, 3U);
  EXPECT_TRUE(has_right_checksums(packet));
}

}  // namespace
}  // namespace sennit::device
