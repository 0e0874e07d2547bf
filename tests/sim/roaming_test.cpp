// Addresses that change under a session: NAT rebinding, renumbering, an interface that comes back elsewhere.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

TEST(Roaming, FollowsANatThatForgetsItsMappingsUnderLoad) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client, {.nat = Nat::kPresent});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start();
  down.start();
  for (int i = 0; i < 5; ++i) {
    scenario.network.run_for(3s);
    line.rebind_nat();
  }
  scenario.network.run_for(3s);
  EXPECT_LE(up.lost(), 3U) << "the way out does not notice";
  // Down is lost what was sent until the next datagram came up: at most a round trip and an interval, five
  // times.
  EXPECT_LE(down.lost(), 5U * 4U + 3U);
  EXPECT_LE(down.counters().longest_silence, 50ms);
}

TEST(Roaming, FollowsANatThatForgetsItsMappingsWhileIdle) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client, {.nat = Nat::kPresent});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(30s);
  line.rebind_nat();
  scenario.network.run_for(1100ms);  // the client's next probe
  auto& down = scenario.add_flow(scenario.gateway, client);
  down.start(100);
  scenario.network.run_for(2s);
  EXPECT_EQ(down.lost(), 0U);
}

TEST(Roaming, KeepsTheSessionWhenALineGetsAnotherAddress) {
  for (const auto outer : {base::Family::kV4, base::Family::kV6}) {
    Scenario scenario({.outer = outer});
    auto& client = scenario.add_client();
    auto& line = scenario.add_line(client);
    ASSERT_TRUE(scenario.connect());
    scenario.network.run_for(1s);
    auto& up = scenario.add_flow(client, scenario.gateway);
    auto& down = scenario.add_flow(scenario.gateway, client);
    up.start();
    down.start();
    scenario.network.run_for(2s);
    line.renumber(scenario.fresh_addresses());
    scenario.network.run_for(2s);
    EXPECT_LE(up.lost(), 3U);
    EXPECT_LE(down.lost(), 7U);
    EXPECT_EQ(scenario.gateway.path_report(0).route->remote.address.family(), outer);
    EXPECT_EQ(scenario.gateway.path_report(0).route->remote.address, line.subscriber_address(outer));
    EXPECT_EQ(scenario.gateway.count_events<tunnel::PeerUp>(), 1U);
  }
}

TEST(Roaming, GoesOnWhenTheOnlyInterfaceComesBackWithOtherSockets) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start();
  down.start();
  for (const base::Duration absence : {0ms, 500ms, 5000ms, 100'000ms}) {
    scenario.network.run_for(2s);
    client.unplug(link_number(0));
    line.renumber(scenario.fresh_addresses());
    scenario.network.run_for(absence);
    client.plug(link_number(0), line);
    scenario.network.run_for(1s);
    up.reset();
    down.reset();
    scenario.network.run_for(1s);
    EXPECT_LE(up.lost(), 3U) << base::to_milliseconds(absence);
    EXPECT_LE(down.lost(), 3U) << base::to_milliseconds(absence);
  }
}

TEST(Roaming, MovesFromOneLineToAnotherOnTheSameLink) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  auto& elsewhere = scenario.lines.emplace_back(scenario.network, scenario.fresh_addresses(), Nat::kPresent,
                                                LinkConditions{.delay = 30ms}, LinkConditions{.delay = 30ms});
  auto& ping = scenario.add_ping(client, scenario.gateway);
  client.unplug(link_number(0));
  client.plug(link_number(0), elsewhere);
  scenario.network.run_for(1s);
  ping.start(10);
  scenario.network.run_for(2s);
  EXPECT_EQ(ping.counters().answered, 10U);
  EXPECT_EQ(ping.counters().least, 60ms);
}

}  // namespace
}  // namespace sennit::sim
