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

TEST(Delivery, LetsEachLinkCarryItsShare) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& slow = scenario.add_line(client, {.told_up = {1'000'000}, .told_down = {4'000'000}});
  auto& fast = scenario.add_line(client, {.told_up = {3'000'000}, .told_down = {4'000'000}});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  auto& up = scenario.add_flow(client, scenario.gateway);
  auto& down = scenario.add_flow(scenario.gateway, client);
  const auto bytes = [&](VirtualLink& link) { return static_cast<double>(link.counters().carried_bytes); };
  const double before[] = {bytes(slow.up()), bytes(fast.up()), bytes(slow.down()), bytes(fast.down())};
  up.start(5000);
  down.start(5000);
  scenario.network.run_for(51s);
  // Probes and echoes, the same on both, are counted too: some 100 kB beside 1.3 MB and 4 MB.
  EXPECT_NEAR((bytes(fast.up()) - before[1]) / (bytes(slow.up()) - before[0]), 3.0, 0.2);
  EXPECT_NEAR((bytes(fast.down()) - before[3]) / (bytes(slow.down()) - before[2]), 1.0, 0.03);
  expect_lossless(up);
  expect_lossless(down);
}

TEST(Delivery, UsesEverySocketOfALink) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client, {.sockets = 4});
  ASSERT_TRUE(scenario.connect());
  auto& flow = scenario.add_flow(client, scenario.gateway);
  scenario.network.run_for(1s);
  flow.start(400);
  scenario.network.run_for(5s);
  expect_lossless(flow);
  const auto peer = client.peer_report();
  ASSERT_EQ(peer.paths.size(), 4U);
  for (const auto& path : peer.paths) EXPECT_NEAR(static_cast<double>(path.tx.packets), 145.0, 30.0);
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
    // 4,000 packets, 5 % corrupted: binomial, deviation 14; five of them are allowed.
    EXPECT_NEAR(static_cast<double>(flow->counters().delivered), 3800.0, 70.0);
    EXPECT_EQ(flow->counters().duplicated, 0U);
    EXPECT_EQ(flow->counters().corrupted, 0U);
    EXPECT_GT(flow->counters().out_of_order, 0U);
  }
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
