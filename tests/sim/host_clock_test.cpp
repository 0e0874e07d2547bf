// A host's monotonic clock counts from its own start and at its own pace: nothing depends on the other's.
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

}  // namespace
}  // namespace sennit::sim
