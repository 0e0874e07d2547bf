// The modes other than aggregate, and links held in reserve.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;
using outbound::Mode;

std::uint64_t carried(AccessLine& line) {
  return line.up().counters().carried_bytes;
}

TEST(RedundantMode, SurvivesThirtyPercentLossOnEachLinkWithoutDuplicates) {
  Scenario scenario({.mode = Mode::kRedundant});
  auto& client = scenario.add_client();
  for (int i = 0; i < 3; ++i) scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  for (auto& line : scenario.lines) line.set_loss(0.3);
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start(3000);
  down.start(3000);
  scenario.network.run_for(32s);
  for (const auto* flow : {&up, &down}) {
    // All three copies are lost with 2.7 %; a path may be thought down for a while (three probes lost in a
    // row).
    EXPECT_GT(flow->counters().delivered, 2800U);
    EXPECT_EQ(flow->counters().duplicated, 0U);
    EXPECT_EQ(flow->counters().corrupted, 0U);
  }
  EXPECT_GT(scenario.gateway.peer_report().duplicates, 2000U);
}

TEST(RedundantMode, LosesNothingWhenOneOfTwoLinksGoes) {
  Scenario scenario({.mode = Mode::kRedundant});
  auto& client = scenario.add_client();
  auto& first = scenario.add_line(client);
  scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  auto& flow = scenario.add_flow(client, scenario.gateway);
  flow.start(1000);
  scenario.network.run_for(3s);
  first.set_out(true);
  scenario.network.run_for(8s);
  EXPECT_EQ(flow.lost(), 0U);
  EXPECT_EQ(flow.counters().duplicated, 0U);
}

TEST(FailoverMode, UsesOnlyTheFirstLinkWhileItIsUp) {
  Scenario scenario({.mode = Mode::kFailover});
  auto& client = scenario.add_client();
  auto& first = scenario.add_line(client);
  auto& second = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  auto& flow = scenario.add_flow(client, scenario.gateway);
  const auto before = carried(second);
  flow.start();
  scenario.network.run_for(10s);
  EXPECT_LE(flow.lost(), 2U);  // under way
  EXPECT_GT(carried(first), 1'000'000U);
  EXPECT_LT(carried(second) - before, 5'000U);  // probes
  first.set_out(true);
  scenario.network.run_for(2s);
  EXPECT_LE(flow.counters().longest_silence, 500ms);
  EXPECT_GT(carried(second) - before, 100'000U);
}

TEST(FlowMode, KeepsEachFlowInOrderOverLinksOfDifferentDelay) {
  Scenario scenario({.mode = Mode::kFlow});
  auto& client = scenario.add_client();
  scenario.add_line(client, {.up = {.delay = 5ms}, .down = {.delay = 5ms}});
  scenario.add_line(client, {.up = {.delay = 80ms}, .down = {.delay = 80ms}});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  std::vector<Flow*> flows;
  for (int i = 0; i < 40; ++i) flows.push_back(&scenario.add_flow(client, scenario.gateway));
  for (auto* flow : flows) flow->start(100);
  scenario.network.run_for(2s);
  std::size_t slow = 0;
  for (const auto* flow : flows) {
    EXPECT_EQ(flow->lost(), 0U);
    EXPECT_EQ(flow->counters().out_of_order, 0U);
    if (flow->counters().longest_delay > 50ms) ++slow;
  }
  EXPECT_GT(slow, 5U);
  EXPECT_LT(slow, 35U);
}

TEST(BackupLink, CarriesNothingUntilTheOthersAreDown) {
  for (const auto mode : {Mode::kAggregate, Mode::kFlow, Mode::kFailover}) {
    Scenario scenario({.mode = mode});
    auto& client = scenario.add_client();
    auto& main = scenario.add_line(client);
    auto& backup = scenario.add_line(client, {.use = link::PathUse::kBackup});
    ASSERT_TRUE(scenario.connect());
    scenario.network.run_for(12s);
    auto& up = scenario.add_flow(client, scenario.gateway);
    auto& down = scenario.add_flow(scenario.gateway, client);
    EXPECT_EQ(client.path_report(1).state, link::PathState::kBackup);
    EXPECT_EQ(scenario.gateway.path_report(1).state, link::PathState::kBackup);
    const auto before = backup.up().counters().carried_bytes + backup.down().counters().carried_bytes;
    up.start();
    down.start();
    scenario.network.run_for(60s);
    const auto after = backup.up().counters().carried_bytes + backup.down().counters().carried_bytes;
    EXPECT_LE(after - before, 7 * 2 * 120U) << "a probe every ten seconds, and its echo";
    main.set_out(true);
    scenario.network.run_for(5s);
    up.reset();
    down.reset();
    scenario.network.run_for(5s);
    EXPECT_LE(up.counters().longest_silence, 50ms);
    EXPECT_LE(down.counters().longest_silence, 50ms);
    main.set_out(false);
    scenario.network.run_for(5s);
    const auto back = backup.up().counters().carried_bytes;
    scenario.network.run_for(20s);
    EXPECT_LE(backup.up().counters().carried_bytes - back, 3'000U);
  }
}

}  // namespace
}  // namespace sennit::sim
