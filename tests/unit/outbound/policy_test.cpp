#include "outbound/policy.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "unit/wire/match_packets.hpp"

namespace sennit::outbound {
namespace {

constexpr std::uint64_t kSeed = 7;

using wire::kExpedited;
using wire::kTcp;
using wire::kUdp;
using wire::marked;
using wire::of_address;
using wire::of_ports;
using wire::packet;

TEST(PolicyTable, TakesTheFirstPolicyThatMatches) {
  PolicyTable table({of_ports({80, 80}), of_address("192.168.1.0/24")});
  EXPECT_EQ(table.find(packet(kTcp, 40'000, 80), kSeed), ClassId{1});
  EXPECT_EQ(table.find(packet(kTcp, 40'000, 81), kSeed), ClassId{2});
  auto elsewhere = packet(kTcp, 40'000, 81);
  elsewhere.source = *base::IpAddress::parse("10.0.0.1");
  EXPECT_EQ(table.find(elsewhere, kSeed), ClassId{0});
}

TEST(PolicyTable, TellsPacketsOfOneFlowApartByTheirDscp) {
  wire::Match expedited;
  expedited.dscps = {kExpedited};
  PolicyTable table({expedited});
  const auto ip = packet(kUdp, 1, 2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(table.find(ip, kSeed), ClassId{0});
    EXPECT_EQ(table.find(marked(ip, kExpedited), kSeed), ClassId{1});
  }
}

TEST(PolicyTable, IsRightForMoreFlowsThanItRemembers) {
  PolicyTable table({of_ports({20'000, 29'999})});
  for (int round = 0; round < 2; ++round) {
    for (std::uint16_t port = 10'000; port < 40'000; ++port) {
      const bool is_in = port >= 20'000 && port < 30'000;
      ASSERT_EQ(table.find(packet(kUdp, port, 9), kSeed), ClassId{is_in ? std::uint8_t{1} : std::uint8_t{0}});
    }
  }
}

TEST(PolicyTable, HasOneClassWithoutPolicies) {
  PolicyTable table({});
  EXPECT_EQ(table.find(packet(kUdp, 1, 2), kSeed), ClassId{0});
}

TEST(Match, OfAnAddressThatIsNoneTakesNoPacket) {
  wire::Match match;
  match.addresses = {base::Prefix()};
  EXPECT_FALSE(match.takes(packet(kTcp, 1, 2)));
}

TEST(PolicyTable, ForgetsWhatFlowsWereFoundToBeWhenThePoliciesChange) {
  PolicyTable table({of_address("192.168.1.23")});
  EXPECT_EQ(table.find(packet(kTcp, 1, 2), kSeed).value, 1U);
  table.change({of_address("192.168.1.24")});
  EXPECT_EQ(table.find(packet(kTcp, 1, 2), kSeed).value, 0U);
}

}  // namespace
}  // namespace sennit::outbound
