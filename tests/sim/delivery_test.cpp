// What goes in comes out: both families inside and outside, both ways, several clients, the modes of
// spreading.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

void expect_lossless(const Flow& flow) {
  const auto counters = flow.counters();
  EXPECT_EQ(counters.delivered, counters.sent);
  EXPECT_EQ(counters.duplicated, 0U);
  EXPECT_EQ(counters.corrupted, 0U);
}

std::uint64_t total(const Host& host, base::DropReason reason) {
  return host.drops(reason);
}

TEST(Delivery, CarriesBothFamiliesBothWaysInsideBothFamilies) {
  for (const auto outer : {base::Family::kV4, base::Family::kV6}) {
    Scenario scenario({.outer = outer});
    auto& client = scenario.add_client();
    scenario.add_line(client);
    scenario.add_line(client);
    ASSERT_TRUE(scenario.connect());
    std::vector<Flow*> flows;
    for (const auto inner : {base::Family::kV4, base::Family::kV6}) {
      flows.push_back(&scenario.add_flow(client, scenario.gateway, {.family = inner}));
      flows.push_back(&scenario.add_flow(scenario.gateway, client, {.family = inner}));
    }
    for (auto* flow : flows) flow->start(500);
    scenario.network.run_for(6s);
    for (const auto* flow : flows) {
      EXPECT_EQ(flow->counters().sent, 500U);
      expect_lossless(*flow);
    }
  }
}

TEST(Delivery, CarriesBatchesOfEverySize) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  std::vector<Flow*> flows;
  for (const std::size_t size : {44U, 100U, 576U, 1280U, 1440U}) {
    for (const std::size_t batch : {1U, 3U, 64U}) {
      flows.push_back(&scenario.add_flow(client, scenario.gateway, {.packet_size = size, .batch = batch}));
      flows.push_back(&scenario.add_flow(scenario.gateway, client, {.packet_size = size, .batch = batch}));
    }
  }
  for (auto* flow : flows) flow->start(20);
  scenario.network.run_for(3s);
  for (const auto* flow : flows) expect_lossless(*flow);
}

TEST(Delivery, TakesNoLongerThanTheLinks) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  auto& ping = scenario.add_ping(client, scenario.gateway);
  ping.start(50);
  scenario.network.run_for(6s);
  EXPECT_EQ(ping.counters().answered, 50U);
  EXPECT_EQ(ping.counters().least, 20ms);
  EXPECT_EQ(ping.counters().most, 20ms);
}

// Told or found out: both lines carry what they can when there is more to send than that.
TEST(Delivery, FillsEachLinkWhenThereIsEnough) {
  for (const bool is_told : {false, true}) {
    Scenario scenario;
    auto& client = scenario.add_client();
    const auto add = [&](std::uint64_t up, std::uint64_t down) -> AccessLine& {
      LineSpec spec{.up = {.rate = {up}, .delay = 10ms}, .down = {.rate = {down}, .delay = 10ms}};
      if (is_told) spec.told_up = {up};
      if (is_told) spec.told_down = {down};
      return scenario.add_line(client, spec);
    };
    auto& slow = add(1'000'000, 4'000'000);
    auto& fast = add(3'000'000, 4'000'000);
    ASSERT_TRUE(scenario.connect());
    auto& up = scenario.add_flow(client, scenario.gateway, {.interval = 1ms});
    auto& down = scenario.add_flow(scenario.gateway, client, {.interval = 500us});
    up.start();
    down.start();
    scenario.network.run_for(10s);
    const auto rate = [](VirtualLink& link, std::uint64_t before) {
      return static_cast<double>(link.counters().carried_bytes - before) * 8 / 20;
    };
    VirtualLink* links[] = {&slow.up(), &fast.up(), &slow.down(), &fast.down()};
    std::uint64_t before[4];
    for (std::size_t i = 0; i < 4; ++i) before[i] = links[i]->counters().carried_bytes;
    scenario.network.run_for(20s);
    const double expected[] = {1e6, 3e6, 4e6, 4e6};
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(rate(*links[i], before[i]), expected[i], 0.08 * expected[i])
          << i << (is_told ? ", told" : "");
    EXPECT_EQ(up.counters().duplicated + down.counters().duplicated, 0U);
  }
}

// Nobody waits: there is nothing to gain from a slower path.
TEST(Delivery, KeepsToTheQuickestLinkWhileThatIsNotFull) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& quick = scenario.add_line(client);
  auto& slow = scenario.add_line(client, {.up = {.delay = 30ms}, .down = {.delay = 30ms}});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  const auto before = slow.up().counters().carried_bytes + slow.down().counters().carried_bytes;
  up.start(1000);
  down.start(1000);
  scenario.network.run_for(11s);
  const auto after = slow.up().counters().carried_bytes + slow.down().counters().carried_bytes;
  EXPECT_LT(after - before, 60'000U) << "probes and echoes";
  EXPECT_GT(quick.up().counters().carried_bytes, 1'000'000U);
  EXPECT_EQ(up.counters().longest_delay, 10ms);
  expect_lossless(up);
  expect_lossless(down);
}

TEST(Delivery, UsesEverySocketOfALinkThatTreatsEachAsAFlow) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client, {.up = {.rate = {8'000'000}, .delay = 10ms}, .sockets = 4});
  ASSERT_TRUE(scenario.connect());
  auto& flow = scenario.add_flow(client, scenario.gateway, {.interval = 500us});
  flow.start();
  scenario.network.run_for(10s);
  const auto before = client.peer_report();
  ASSERT_EQ(before.paths.size(), 4U);
  const auto carried = scenario.lines.front().up().counters().carried_bytes;
  scenario.network.run_for(20s);
  const auto after = client.peer_report();
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_GT(after.paths[i].tx.packets - before.paths[i].tx.packets, 500U) << "of 20,000, path " << i;
  const auto rate =
      static_cast<double>(scenario.lines.front().up().counters().carried_bytes - carried) * 8 / 20;
  EXPECT_NEAR(rate, 8e6, 0.8e6);
}

TEST(Delivery, SurvivesCorruptionDuplicationAndReorderingOnTheWay) {
  Scenario scenario;
  auto& client = scenario.add_client();
  const LinkConditions rough{.delay = 10ms, .corrupt = 0.05, .duplicate = 0.1, .reorder = 0.1};
  scenario.add_line(client, {.up = rough, .down = rough});
  scenario.add_line(client, {.up = rough, .down = rough});
  ASSERT_TRUE(scenario.connect());
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  up.start(4000);
  down.start(4000);
  scenario.network.run_for(41s);
  for (const auto* flow : {&up, &down}) {
    // One in twenty is corrupted and sent again; four times in a row, one in 160,000.
    EXPECT_LE(flow->lost(), 3U);
    EXPECT_EQ(flow->counters().duplicated, 0U);
    EXPECT_EQ(flow->counters().corrupted, 0U);
  }
  EXPECT_GT(client.peer_report().resent, 100U);
  EXPECT_GT(total(scenario.gateway, base::DropReason::kBadTag), 0U);
  EXPECT_GT(total(scenario.gateway, base::DropReason::kReplayed), 0U);
}

TEST(Delivery, KeepsTheClientsOfAGatewayApart) {
  Scenario scenario;
  for (int i = 0; i < 3; ++i) {
    auto& client = scenario.add_client();
    scenario.add_line(client);
    scenario.add_line(client);
  }
  ASSERT_TRUE(scenario.connect());
  std::vector<Flow*> flows;
  for (auto& client : scenario.clients) {
    flows.push_back(&scenario.add_flow(client, scenario.gateway));
    flows.push_back(&scenario.add_flow(scenario.gateway, client));
  }
  for (auto* flow : flows) flow->start(300);
  scenario.network.run_for(4s);
  for (const auto* flow : flows) expect_lossless(*flow);
}

TEST(Delivery, DropsWhatAClientSendsUnderAnothersAddress) {
  Scenario scenario;
  auto& honest = scenario.add_client();
  auto& liar = scenario.add_client();
  scenario.add_line(honest);
  scenario.add_line(liar);
  ASSERT_TRUE(scenario.connect());
  std::size_t delivered = 0;
  scenario.gateway.on_inner([&](base::ConstByteSpan) { ++delivered; });
  const base::SocketAddress to_gateway{scenario.gateway.inner_v4, 9};
  const base::SocketAddress to_gateway_v6{scenario.gateway.inner_v6, 9};
  liar.send_inner({InnerUdp{{honest.inner_v4, 9}, to_gateway, {1, 2, 3}}.serialize(),
                   InnerUdp{{honest.inner_v6, 9}, to_gateway_v6, {1, 2, 3}}.serialize(),
                   InnerUdp{{scenario.gateway.inner_v4, 9}, to_gateway, {1, 2, 3}}.serialize(),
                   InnerUdp{{*base::IpAddress::parse("8.8.8.8"), 9}, to_gateway, {1, 2, 3}}.serialize()});
  scenario.network.run_for(1s);
  EXPECT_EQ(delivered, 0U);
  EXPECT_EQ(total(scenario.gateway, base::DropReason::kSourceNotAllowed), 4U);
  liar.send_inner({InnerUdp{{liar.inner_v4, 9}, to_gateway, {1, 2, 3}}.serialize()});
  scenario.network.run_for(1s);
  EXPECT_EQ(delivered, 1U);
}

TEST(Delivery, CountsWhatHasNoOwnerOrIsNotIp) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  const auto stranger = *base::IpAddress::parse("192.0.2.200");
  scenario.gateway.send_inner(
      {InnerUdp{{scenario.gateway.inner_v4, 9}, {stranger, 9}, {1}}.serialize(), {}, {0x00, 0x01}});
  EXPECT_EQ(total(scenario.gateway, base::DropReason::kNoPeer), 1U);
  EXPECT_EQ(total(scenario.gateway, base::DropReason::kNotIp), 2U);
}

TEST(Delivery, CountsWhatIsSentToAPeerThatIsNotThere) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  scenario.start();
  scenario.gateway.send_inner(
      {InnerUdp{{scenario.gateway.inner_v4, 9}, {client.inner_v4, 9}, {1}}.serialize()});
  EXPECT_EQ(total(scenario.gateway, base::DropReason::kPeerDown), 1U);
}

}  // namespace
}  // namespace sennit::sim
