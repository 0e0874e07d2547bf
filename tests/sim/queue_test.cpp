// What waits is never forgotten, nor waited for without end.
#include <gtest/gtest.h>

#include <utility>
#include <vector>

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

// Each of them sends little, together they fill the lines.
TEST(ManySmallFlows, UseTheSecondLineToo) {
  Scenario scenario;
  auto& client = scenario.add_client();
  for (const auto& [rate, delay] : {std::pair{20'000'000, 15ms}, std::pair{10'000'000, 40ms}}) {
    const LinkConditions way{.rate = {static_cast<std::uint64_t>(rate)}, .queue = 200ms, .delay = delay};
    scenario.add_line(client, {.up = way, .down = way});
  }
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(3s);
  constexpr int kFlows = 400;  // of 70 kbit/s
  std::vector<Flow*> flows;
  for (int i = 0; i < kFlows; ++i) {
    auto& flow = *flows.emplace_back(
        &scenario.add_flow(scenario.gateway, client, {.interval = 160ms, .packet_size = 1400}));
    flow.start();
    scenario.network.run_for(400us);
  }
  scenario.network.run_for(4s);
  for (auto* flow : flows) flow->reset();
  scenario.network.run_for(5s);
  std::uint64_t packets = 0;
  for (const auto* flow : flows) packets += flow->counters().delivered;
  EXPECT_GT(static_cast<double>(packets) * 1400 * 8 / 5, 25e6) << "of 28 Mbit/s that are sent";
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
