#include "shell/event_feed.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sennit::shell {
namespace {

using nlohmann::json;

json told(const tunnel::Event& event) {
  tunnel::PeerConfig peer;
  peer.name = "home";
  return to_json(event, std::vector{peer});
}

TEST(EventFeed, TellsScriptsOfSaturationWithItsCauseAndDirection) {
  const tunnel::PathSaturated event{{0},      {3}, "adsl", device::Way::kOut, true, link::Cause::kPolicer,
                                    {800'000}};
  EXPECT_EQ(told(event), json::parse(R"({"event": "saturation", "peer": "home", "path": 3, "link": "adsl",
      "direction": "tx", "saturated": true, "cause": "policer", "capacity": 800000})"));
  const tunnel::PathSaturated over{{0}, {3}, "adsl", device::Way::kIn, false, link::Cause::kNone, {}};
  EXPECT_EQ(told(over)["direction"], "rx");
  EXPECT_EQ(told(over)["saturated"], false);
}

TEST(EventFeed, TellsOfPathsPeersAndTheMtu) {
  const tunnel::PathChanged change{{0}, {1}, "lte", link::PathState::kUp, link::PathState::kDown};
  EXPECT_EQ(told(change), json::parse(R"({"event": "path", "peer": "home", "path": 1, "link": "lte",
      "from": "up", "state": "down"})"));
  EXPECT_EQ(told(tunnel::PeerDown{}), json::parse(R"({"event": "peer", "peer": "home", "state": "down"})"));
  EXPECT_EQ(told(tunnel::PeerUp{})["state"], "up");
  EXPECT_EQ(told(tunnel::MtuChanged{{1400}}), json::parse(R"({"event": "mtu", "mtu": 1400})"));
}

TEST(EventFeed, SaysNothingOfStrangers) {
  EXPECT_TRUE(told(tunnel::UnknownPeerCalled{}).is_null());
}

}  // namespace
}  // namespace sennit::shell
