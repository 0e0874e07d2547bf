// What is lost is sent again, once, and in its place; and what a path that fell silent was given is sent over
// the others.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

std::uint64_t resent(const Host& host) {
  return host.peer_report().resent;
}

struct Both {
  Flow& up;
  Flow& down;
};

Both flows(Scenario& scenario, const FlowShape& shape = {}) {
  return {scenario.add_flow(scenario.clients.front(), scenario.gateway, shape),
          scenario.add_flow(scenario.gateway, scenario.clients.front(), shape)};
}

// Confidence beyond 0.999 for these seeds: an independent loss of five in a hundred takes four sendings of
// one packet in a million.
TEST(Repair, BringsWhatWasLostInItsPlace) {
  for (const std::size_t lines : {1U, 2U, 3U}) {
    for (const double loss : {0.01, 0.05}) {
      Scenario scenario({.seed = lines});
      auto& client = scenario.add_client();
      for (std::size_t i = 0; i < lines; ++i) scenario.add_line(client);
      ASSERT_TRUE(scenario.connect());
      scenario.network.run_for(2s);
      for (auto& line : scenario.lines) line.set_loss(loss);
      auto both = flows(scenario, {.interval = 4ms});
      both.up.start(2500);
      both.down.start(2500);
      scenario.network.run_for(12s);
      const auto expected = static_cast<std::uint64_t>(2500 * loss);
      // The trial that finds out that a loss is the line's own holds back a flow that has no other line, and
      // this one does not slow down: CoDel takes some of what waits meanwhile.
      const std::uint64_t allowed = lines == 1 && loss > 0.02 ? 60 : 3;
      for (const auto* flow : {&both.up, &both.down}) {
        EXPECT_LE(flow->lost(), allowed) << lines << " lines, " << loss;
        EXPECT_LE(flow->counters().out_of_order, 3U) << lines << " lines, " << loss;
        EXPECT_EQ(flow->counters().duplicated, 0U);
        EXPECT_EQ(flow->counters().corrupted, 0U);
        EXPECT_LT(flow->counters().longest_delay, 500ms);
      }
      for (const auto* host :
           {static_cast<const Host*>(&client), static_cast<const Host*>(&scenario.gateway)}) {
        EXPECT_GT(resent(*host), expected / 2);
        EXPECT_LT(resent(*host), expected * 2 + 20) << "hardly anything that was not lost";
      }
      EXPECT_GT(client.peer_report().reordering.recovered, expected / 2);
    }
  }
}

TEST(Repair, BringsSmallPacketsToo) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(2s);
  for (auto& line : scenario.lines) line.set_loss(0.05);
  auto both = flows(scenario, {.interval = 4ms, .packet_size = 200, .batch = 3});
  both.up.start(2500);
  both.down.start(2500);
  scenario.network.run_for(12s);
  for (const auto* flow : {&both.up, &both.down}) {
    EXPECT_LE(flow->lost(), 9U);
    EXPECT_EQ(flow->counters().duplicated, 0U);
  }
}

TEST(Repair, SendsNothingAgainWhereNothingIsLost) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  scenario.add_line(client, {.up = {.delay = 40ms}, .down = {.delay = 40ms}});
  ASSERT_TRUE(scenario.connect());
  auto both = flows(scenario, {.interval = 2ms});
  both.up.start(5000);
  both.down.start(5000);
  scenario.network.run_for(12s);
  EXPECT_EQ(resent(client), 0U);
  EXPECT_EQ(resent(scenario.gateway), 0U);
  EXPECT_EQ(both.up.lost() + both.down.lost(), 0U);
}

TEST(Repair, CostsAPathThatDisordersOnlyALittle) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  for (auto* way : {&line.up(), &line.down()}) {
    way->conditions.reorder = 0.1;
    way->conditions.reorder_delay = 5ms;
  }
  auto both = flows(scenario, {.interval = 2ms});
  both.up.start(5000);
  both.down.start(5000);
  scenario.network.run_for(13s);
  for (const auto* flow : {&both.up, &both.down}) {
    EXPECT_LE(flow->lost(), 1U);
    EXPECT_EQ(flow->counters().duplicated, 0U);
  }
  EXPECT_LT(resent(client), 150U) << "of 500 that came late";
  EXPECT_LT(resent(scenario.gateway), 150U);
}

TEST(ASilentPath, IsLeftLongBeforeItIsGivenUpAndWhatItWasGivenIsSentOverTheOther) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& first = scenario.add_line(client);
  scenario.add_line(client, {.up = {.delay = 20ms}, .down = {.delay = 20ms}});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  auto both = flows(scenario, {.interval = 2ms});
  both.up.start();
  both.down.start();
  scenario.network.run_for(3s);
  for (int outage = 0; outage < 3; ++outage) {
    both.up.reset();
    both.down.reset();
    first.set_out(true);
    scenario.network.run_for(3s);
    first.set_out(false);
    scenario.network.run_for(3s);
    for (const auto* flow : {&both.up, &both.down}) {
      EXPECT_LE(flow->lost(), 15U) << "under way";
      EXPECT_EQ(flow->counters().duplicated, 0U);
      EXPECT_LE(flow->counters().longest_silence, 400ms);
    }
  }
}

TEST(ASilentPath, IsUsedAgainOnceItAnswers) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& quick = scenario.add_line(client, {.up = {.delay = 5ms}, .down = {.delay = 5ms}});
  scenario.add_line(client, {.up = {.delay = 40ms}, .down = {.delay = 40ms}});
  ASSERT_TRUE(scenario.connect());
  auto both = flows(scenario, {.interval = 2ms});
  both.up.start();
  both.down.start();
  scenario.network.run_for(2s);
  quick.set_out(true);
  scenario.network.run_for(300ms);
  quick.set_out(false);
  scenario.network.run_for(2s);
  const auto up = quick.up().counters().carried;
  const auto down = quick.down().counters().carried;
  scenario.network.run_for(2s);
  EXPECT_GT(quick.up().counters().carried - up, 800U) << "of a thousand";
  EXPECT_GT(quick.down().counters().carried - down, 800U);
}

TEST(ASilentPath, IsNotLeftWhereItIsTheOnlyOne) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  auto both = flows(scenario);
  both.up.start();
  both.down.start();
  scenario.network.run_for(2s);
  line.set_out(true);
  scenario.network.run_for(250ms);
  line.set_out(false);
  scenario.network.run_for(1s);
  both.up.reset();
  both.down.reset();
  scenario.network.run_for(3s);
  EXPECT_LE(both.up.lost(), 3U);
  EXPECT_LE(both.down.lost(), 3U);
}

}  // namespace
}  // namespace sennit::sim
