#include "wire/match.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "unit/wire/match_packets.hpp"

namespace sennit::wire {
namespace {

IpPacket fragment_of(IpPacket ip) {
  ip.is_fragment = true;
  return ip;
}

TEST(Match, AsksForOneOfEachListThatItHas) {
  Match voice;
  voice.dscps = {kExpedited, 44};
  voice.protocols = {kUdp};
  voice.ports = {{5060, 5060}, {10'000, 20'000}};
  EXPECT_TRUE(voice.takes(marked(packet(kUdp, 40'000, 5060), kExpedited)));
  EXPECT_TRUE(voice.takes(marked(packet(kUdp, 15'000, 9), 44))) << "either end's port";
  EXPECT_FALSE(voice.takes(marked(packet(kTcp, 40'000, 5060), kExpedited)));
  EXPECT_FALSE(voice.takes(marked(packet(kUdp, 40'000, 5061), kExpedited)));
  EXPECT_FALSE(voice.takes(packet(kUdp, 40'000, 5060)));
}

TEST(Match, LooksAtTheAddressesOfEitherEnd) {
  const auto ip = packet(kTcp, 1, 2);
  const std::pair<const char*, bool> cases[] = {{"192.168.1.23/32", true},
                                                {"192.168.1.0/24", true},
                                                {"198.51.100.0/24", true},
                                                {"192.168.2.0/24", false},
                                                {"2001:db8::/32", false}};
  for (const auto& [prefix, takes] : cases) EXPECT_EQ(of_address(prefix).takes(ip), takes) << prefix;
}

TEST(Match, FindsNoPortsInFragmentsAndWhereThereAreNone) {
  const auto any_port = of_ports({1, 65'535});
  EXPECT_TRUE(any_port.takes(packet(kUdp, 1, 2)));
  EXPECT_FALSE(any_port.takes(fragment_of(packet(kUdp, 1, 2))));
  EXPECT_FALSE(any_port.takes(packet(47, 0, 0)));
}

}  // namespace
}  // namespace sennit::wire
