#include "client/client_settings.hpp"

#include <gtest/gtest.h>

#include "client/client.hpp"

namespace sennit::client {
namespace {

base::Prefix prefix(const char* text) {
  return base::Prefix::parse(text).value();
}

TEST(LinkSettings, CarryWhatTheUserKnowsOfTheLink) {
  config::LinkOptions link;
  link.interface = "eth0";
  link.sockets = 4;
  link.up = base::BitRate{1'000'000};
  link.cost = 7;
  link.backup = true;
  const auto settings = link_settings(link, 3);
  EXPECT_EQ(settings.id, base::LinkId{3});
  EXPECT_EQ(settings.name, "eth0");
  EXPECT_EQ(settings.sockets, 4);
  EXPECT_EQ(settings.up, base::BitRate{1'000'000});
  EXPECT_EQ(settings.down, base::BitRate{}) << "not told";
  EXPECT_EQ(settings.cost, 7U);
  EXPECT_EQ(settings.use, link::PathUse::kBackup);
}

TEST(RoutesIntoTunnel, HoldTheGatewayOnlyWhereOurAddressDoesNotReachIt) {
  const std::vector gateway{prefix("10.77.0.1/24")};
  EXPECT_TRUE(routes_into_tunnel({}, gateway, {prefix("10.77.0.2/24")}).empty());
  EXPECT_EQ(routes_into_tunnel({}, gateway, {prefix("10.77.0.2/32")}), std::vector{prefix("10.77.0.1/32")});
}

TEST(RoutesIntoTunnel, HoldEverythingAskedFor) {
  const std::vector asked_for{prefix("0.0.0.0/0"), prefix("192.0.2.0/24")};
  EXPECT_EQ(routes_into_tunnel(asked_for, {}, {}), asked_for);
}

}  // namespace
}  // namespace sennit::client
