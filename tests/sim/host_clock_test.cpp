// What a host is like must not matter: its clock counts from its own start and at its own pace, and it may be
// busy.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

TEST(HostClock, MayBeHoursAwayAndDriftWithoutEffect) {
  for (const double drift : {-200.0, 0.0, 200.0}) {
    Scenario scenario;
    auto& client = scenario.add_client();
    client.set_clock(5h, drift);
    scenario.add_line(client);
    scenario.add_line(client);
    ASSERT_TRUE(scenario.connect());
    auto& flow = scenario.add_flow(scenario.gateway, client);
    auto& ping = scenario.add_ping(client, scenario.gateway);
    flow.start(10'000);
    ping.start(1'000);
    scenario.network.run_for(101s);
    EXPECT_EQ(flow.lost(), 0U) << drift;
    EXPECT_EQ(ping.counters().answered, 1'000U) << drift;
    EXPECT_LE(ping.counters().most, 20ms + 1us) << drift;
    EXPECT_EQ(client.count_events<tunnel::PeerDown>(), 0U) << drift;
  }
}

// That nobody comes to read is not the line's delay.
TEST(ABusyHost, IsNotTakenForAFullLine) {
  Scenario scenario;
  auto& client = scenario.add_client();
  const LinkConditions hundred{.rate = {100'000'000}, .delay = 10ms};
  scenario.add_line(client, {.up = hundred, .down = hundred});
  ASSERT_TRUE(scenario.connect());
  client.be_busy(40ms);
  scenario.gateway.be_busy(40ms);
  auto& up = scenario.add_flow(client, scenario.gateway, {.interval = 2ms, .packet_size = 1000});
  auto& down = scenario.add_flow(scenario.gateway, client, {.interval = 2ms, .packet_size = 1000});
  up.start(10'000);
  down.start(10'000);
  scenario.network.run_for(21s);
  for (const Host* host : {static_cast<Host*>(&client), static_cast<Host*>(&scenario.gateway)}) {
    EXPECT_EQ(host->count_events<tunnel::PathSaturated>(), 0U);
    EXPECT_LE(host->path_report(0).tx_queue_delay, 1ms);
    EXPECT_LE(*host->path_report(0).rtt, 25ms);
  }
  EXPECT_EQ(up.lost() + down.lost(), 0U);
}

}  // namespace
}  // namespace sennit::sim
