// What waits is never forgotten, nor waited for without end.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

TEST(AQueue, IsSentThoughTheDearerPathTakesLargerPackets) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client, {.up = {.rate = {10'000'000}, .delay = 10ms, .mtu = link::PathMtu{1400}},
                             .down = {.rate = {10'000'000}, .delay = 10ms},
                             .told_up = {2'000'000},
                             .interface_mtu = link::PathMtu{1400}});
  scenario.add_line(client);
  client.config.links[1].cost = 5;
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(3s);
  // 1 Mbit/s in the mean, in batches that have to wait for the first line.
  auto& flow = scenario.add_flow(client, scenario.gateway, {.interval = 80ms, .batch = 10});
  flow.start(50);
  scenario.network.run_for(6s);
  EXPECT_EQ(flow.lost(), 0U);
}

TEST(AQueue, IsDroppedWithTheSessionThatItWaitedFor) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client, {.told_down = {1'000'000}});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(2s);
  // Ten times of what the gateway is told to send.
  auto& flow = scenario.add_flow(scenario.gateway, client, {.interval = 1ms, .packet_size = 1200});
  flow.start(300);
  scenario.network.run_for(310ms);
  const auto waiting = scenario.gateway.peer_report().queue.packets;
  ASSERT_GT(waiting, 100U);
  const auto dropped = scenario.gateway.drops(base::DropReason::kPeerDown);
  client.shut_down();
  scenario.network.run_for(1s);
  EXPECT_EQ(scenario.gateway.peer_report().queue.packets, 0U);
  EXPECT_GE(scenario.gateway.drops(base::DropReason::kPeerDown) - dropped, waiting - 20);
  const auto arrived = flow.counters().delivered;
  client.start();
  scenario.network.run_for(3s);
  EXPECT_EQ(flow.counters().delivered, arrived) << "what had waited for the other session is old";
}

TEST(ABackup, TakesOverFromASuspectLongBeforeThatIsGivenUp) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& only = scenario.add_line(client);
  scenario.add_line(client, {.use = link::PathUse::kBackup});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(12s);
  auto& flow = scenario.add_flow(client, scenario.gateway);
  flow.start();
  scenario.network.run_for(2s);
  only.set_out(true);
  scenario.network.run_for(3s);
  EXPECT_EQ(client.drops(base::DropReason::kPeerDown), 0U) << "there was a path all the time";
  EXPECT_LE(flow.counters().longest_silence, 300ms);
}

}  // namespace
}  // namespace sennit::sim
