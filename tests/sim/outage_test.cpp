// Links that die and return, with and without traffic, announced and silent.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

class TwoLinks : public testing::Test {
 protected:
  void SetUp() override {
    scenario.add_line(client);
    scenario.add_line(client);
    ASSERT_TRUE(scenario.connect());
    scenario.network.run_for(2s);
  }

  Scenario scenario;
  Client& client = scenario.add_client();
  AccessLine& line(std::size_t number) { return scenario.lines[number]; }
};

using LinkOutage = TwoLinks;

TEST_F(LinkOutage, IsPassedWithinHalfASecondUnderLoadAndTheLinkIsUsedAgainAfterwards) {
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start();
  down.start();
  scenario.network.run_for(3s);
  for (const std::size_t dead : {0U, 1U}) {
    line(dead).set_out(true);
    scenario.network.run_for(1s);
    up.reset();
    down.reset();
    scenario.network.run_for(3s);
    EXPECT_LE(up.lost(), 3U) << "packets under way";
    EXPECT_LE(down.lost(), 3U) << "packets under way";
    line(dead).set_out(false);
    scenario.network.run_for(4500ms);
    EXPECT_EQ(client.path_report(static_cast<std::uint8_t>(dead)).state, link::PathState::kUp);
    EXPECT_EQ(scenario.gateway.path_report(static_cast<std::uint8_t>(dead)).state, link::PathState::kUp);
  }
  // The first one served as the way out when the second was dead.
  EXPECT_GT(line(0).up().counters().carried, 200U);
  EXPECT_GT(line(0).down().counters().carried, 200U);
}

TEST_F(LinkOutage, LosesTrafficForLessThanHalfASecond) {
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start();
  down.start();
  scenario.network.run_for(3s);
  line(0).set_out(true);
  scenario.network.run_for(5s);
  EXPECT_LE(up.counters().longest_silence, 500ms);
  EXPECT_LE(down.counters().longest_silence, 500ms);
  // Half of the packets were sent into the void until the link was left.
  EXPECT_LE(up.lost(), 25U);
  EXPECT_LE(down.lost(), 25U);
}

TEST_F(LinkOutage, InOneDirectionOnlyIsPassedToo) {
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start();
  down.start();
  scenario.network.run_for(3s);
  line(0).up().conditions.is_out = true;
  scenario.network.run_for(2s);
  line(0).up().conditions.is_out = false;
  line(1).down().conditions.is_out = true;
  scenario.network.run_for(5s);
  up.reset();
  down.reset();
  scenario.network.run_for(2s);
  EXPECT_LE(up.lost(), 3U);
  EXPECT_LE(down.lost(), 3U);
}

TEST_F(LinkOutage, OfAllLinksEndsTrafficOnlyUntilTheNextProbeOrHandshake) {
  struct Case {
    base::Duration outage;
    // What is tried at its end: a probe each 250 ms, each second, a handshake each 2.4 s.
    base::Duration patience;
  };
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start();
  down.start();
  for (const auto [outage, patience] : {Case{2s, 400ms}, Case{30s, 1150ms}, Case{300s, 2650ms}}) {
    line(0).set_out(true);
    line(1).set_out(true);
    scenario.network.run_for(outage);
    EXPECT_NE(client.peer_state(), tunnel::PeerState::kUp);
    line(0).set_out(false);
    line(1).set_out(false);
    up.reset();
    down.reset();
    const auto is_back = [&] { return up.counters().delivered > 0 && down.counters().delivered > 0; };
    EXPECT_TRUE(scenario.network.run_until(is_back, patience)) << base::to_seconds(outage);
    scenario.network.run_for(6s);
    up.reset();
    down.reset();
    scenario.network.run_for(2s);
    EXPECT_LE(up.lost(), 3U) << base::to_seconds(outage);
    EXPECT_LE(down.lost(), 3U) << base::to_seconds(outage);
  }
}

TEST_F(LinkOutage, OfAllLinksIsWaitedForByTheNewestPacketsOfAFlow) {
  auto& up = scenario.add_flow(client, scenario.gateway, {.interval = 500ms});
  auto& down = scenario.add_flow(scenario.gateway, client, {.interval = 500ms});
  for (auto& line : scenario.lines) line.set_out(true);
  scenario.network.run_for(4s);
  ASSERT_NE(client.peer_state(), tunnel::PeerState::kUp);
  up.start(6);
  down.start(6);
  scenario.network.run_for(4s);
  for (auto& line : scenario.lines) line.set_out(false);
  scenario.network.run_for(1s);
  EXPECT_EQ(up.lost(), 0U);
  EXPECT_LE(down.lost(), 1U) << "an idle gateway finds out by its first packet";
}

TEST_F(LinkOutage, OfASilentIdleLinkIsNoticedWithinThreeProbes) {
  line(0).set_out(true);
  EXPECT_TRUE(scenario.network.run_until(
      [&] { return client.path_report(0).state == link::PathState::kDown; }, 2500ms));
  EXPECT_EQ(client.path_report(1).state, link::PathState::kUp);
  line(0).set_out(false);
  EXPECT_TRUE(scenario.network.run_until([&] { return client.path_report(0).state == link::PathState::kUp; },
                                         1500ms));
}

TEST_F(LinkOutage, IsNoticedAtOnceWhenTheInterfaceGoes) {
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start();
  down.start();
  scenario.network.run_for(1s);
  client.unplug(link_number(0));
  scenario.network.run_for(2s);
  EXPECT_LE(up.counters().longest_silence, 50ms);
  EXPECT_LE(up.lost(), 3U);
  // What the gateway sent until it was told is gone: a one-way trip of 10 ms and what was in flight.
  EXPECT_LE(down.lost(), 4U);
  client.plug(link_number(0), line(0));
  scenario.network.run_for(1s);
  EXPECT_EQ(client.path_report(0).state, link::PathState::kUp);
  EXPECT_EQ(scenario.gateway.path_report(0).state, link::PathState::kUp);
}

TEST_F(LinkOutage, ByCommandMovesTrafficInBothDirectionsUntilTheLinkIsSwitchedOnAgain) {
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start();
  down.start();
  scenario.network.run_for(1s);
  client.act([](tunnel::Endpoint& endpoint, base::Now now) { endpoint.disable_link(link_number(0), now); });
  scenario.network.run_for(1s);
  const auto before = line(0).up().counters().carried_bytes + line(0).down().counters().carried_bytes;
  scenario.network.run_for(10s);
  EXPECT_EQ(line(0).up().counters().carried_bytes + line(0).down().counters().carried_bytes, before);
  EXPECT_LE(up.lost(), 3U);
  EXPECT_LE(down.lost(), 3U);
  client.act([](tunnel::Endpoint& endpoint, base::Now now) { endpoint.enable_link(link_number(0), now); });
  scenario.network.run_for(1s);
  EXPECT_EQ(client.path_report(0).state, link::PathState::kUp);
  EXPECT_EQ(scenario.gateway.path_report(0).state, link::PathState::kUp);
}

TEST_F(LinkOutage, ThatNeverEndsCostsTheOtherLinkNothing) {
  auto& up = scenario.add_flow(client, scenario.gateway, {.interval = 50ms});
  auto& down = scenario.add_flow(scenario.gateway, client, {.interval = 50ms});
  up.start(6020);
  down.start(6020);
  line(0).set_out(true);
  scenario.network.run_for(990ms);  // until both ends have found out
  up.reset();
  down.reset();
  scenario.network.run_for(301s);
  EXPECT_EQ(up.lost(), 0U);
  EXPECT_EQ(down.lost(), 0U);
}

}  // namespace
}  // namespace sennit::sim
