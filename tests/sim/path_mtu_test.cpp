// Path MTU: found exactly, also where a link in the middle is smaller than the interface says and drops
// without a word.
#include <gtest/gtest.h>

#include "sim/scenario.hpp"
#include "wire/ip.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

std::uint16_t inner_mtu(std::uint16_t link_mtu, base::Family outer) {
  return static_cast<std::uint16_t>(link_mtu - base::outer_overhead(outer) - 32);
}

// Full-size packets both ways, all delivered; one byte more is refused.
void expect_full_size_passes(Scenario& scenario, std::uint16_t size) {
  auto& client = scenario.clients.front();
  auto& up = scenario.add_flow(client, scenario.gateway, {.packet_size = size});
  auto& down = scenario.add_flow(scenario.gateway, client, {.packet_size = size});
  up.start(50);
  down.start(50);
  scenario.network.run_for(1s);
  EXPECT_EQ(up.lost(), 0U) << size;
  EXPECT_EQ(down.lost(), 0U) << size;
}

struct MtuCase {
  std::uint16_t interface;
  std::uint16_t middle;
  base::Family outer;
};

class PathMtuOf : public testing::TestWithParam<MtuCase> {};

TEST_P(PathMtuOf, IsFoundExactlyAtBothEnds) {
  const auto [interface, middle, outer] = GetParam();
  Scenario scenario({.outer = outer});
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client, {.interface_mtu = link::PathMtu{interface}});
  line.set_mtu({middle});
  ASSERT_TRUE(scenario.connect());
  // The gateway searches once it sends.
  auto& traffic = scenario.add_flow(scenario.gateway, client, {.interval = 100ms, .packet_size = 100});
  traffic.start();
  scenario.network.run_for(30s);
  EXPECT_EQ(client.path_report(0).mtu.value, middle);
  EXPECT_EQ(scenario.gateway.path_report(0).mtu.value, middle);
  EXPECT_EQ(client.report().mtu.value, std::max<std::uint16_t>(inner_mtu(middle, outer), 1280));
  expect_full_size_passes(scenario, inner_mtu(middle, outer));
}

INSTANTIATE_TEST_SUITE_P(
    Links, PathMtuOf,
    testing::Values(MtuCase{1500, 1500, base::Family::kV4}, MtuCase{1500, 1500, base::Family::kV6},
                    MtuCase{1492, 1492, base::Family::kV4}, MtuCase{1500, 1492, base::Family::kV4},
                    MtuCase{1500, 1428, base::Family::kV4}, MtuCase{1500, 1400, base::Family::kV4},
                    MtuCase{1500, 1400, base::Family::kV6}, MtuCase{1500, 1361, base::Family::kV4},
                    MtuCase{1280, 1280, base::Family::kV4}, MtuCase{1500, 1280, base::Family::kV4},
                    MtuCase{1500, 1280, base::Family::kV6}),
    [](const auto& tested) {
      return std::to_string(tested.param.interface) + "Over" + std::to_string(tested.param.middle) +
             (tested.param.outer == base::Family::kV6 ? "V6" : "V4");
    });

TEST(PathMtu, FollowsAPathThatShrinksUnderLoad) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  auto& traffic = scenario.add_flow(scenario.gateway, client, {.packet_size = 100});
  auto& answers = scenario.add_flow(client, scenario.gateway, {.packet_size = 100});
  traffic.start();
  answers.start();
  scenario.network.run_for(10s);
  EXPECT_EQ(client.path_report(0).mtu.value, 1500);
  line.set_mtu({1400});
  scenario.network.run_for(30s);
  EXPECT_EQ(client.path_report(0).mtu.value, 1400);
  EXPECT_EQ(scenario.gateway.path_report(0).mtu.value, 1400);
  expect_full_size_passes(scenario, inner_mtu(1400, base::Family::kV4));
}

TEST(PathMtu, FollowsAPathThatGrowsAgainWithinMinutes) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  line.set_mtu({1400});
  ASSERT_TRUE(scenario.connect());
  auto& traffic = scenario.add_flow(client, scenario.gateway, {.interval = 100ms, .packet_size = 100});
  traffic.start();
  scenario.network.run_for(30s);
  EXPECT_EQ(client.path_report(0).mtu.value, 1400);
  line.set_mtu({1500});
  scenario.network.run_for(150s);
  EXPECT_EQ(client.path_report(0).mtu.value, 1500);
}

TEST(PathMtu, IsNotLoweredByLoss) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  line.set_loss(0.1);
  auto& traffic = scenario.add_flow(client, scenario.gateway, {.interval = 100ms, .packet_size = 100});
  traffic.start();
  for (int i = 0; i < 120; ++i) {
    scenario.network.run_for(1s);
    ASSERT_EQ(client.path_report(0).mtu.value, 1500) << "second " << i;
  }
}

TEST(PathMtu, OfATunnelIsThatOfItsSmallestPath) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  scenario.add_line(client).set_mtu({1400});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(30s);
  EXPECT_EQ(client.report().mtu.value, inner_mtu(1400, base::Family::kV4));
  EXPECT_GE(client.count_events<tunnel::MtuChanged>(), 1U);
}

TEST(PathMtu, OfAnInterfaceThatChangesIsTakenOver) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  line.interface_mtu = {1400};
  line.set_mtu({1400});
  client.replug(link_number(0));
  scenario.network.run_for(5s);
  EXPECT_EQ(client.path_report(0).mtu.value, 1400);
  expect_full_size_passes(scenario, inner_mtu(1400, base::Family::kV4));
}

TEST(PathMtu, IsLoweredAtOnceWhenTheKernelRefusesADatagram) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(1s);
  line.interface_mtu = {1400};  // without a word to the endpoint
  auto& flow = scenario.add_flow(client, scenario.gateway, {.packet_size = 1440});
  flow.start(1);
  scenario.network.run_for(1s);
  EXPECT_LT(client.path_report(0).mtu.value, 1500);
  scenario.network.run_for(10s);
  EXPECT_EQ(client.path_report(0).mtu.value, 1400);
}

TEST(TooBigPackets, AreAnsweredWithIcmpThatNamesTheMtu) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  std::vector<Host::Bytes> answers;
  client.on_inner([&](base::ConstByteSpan packet) { answers.emplace_back(packet.begin(), packet.end()); });
  const auto packet_of = [](const Host& from, const Host& to, base::Family family, std::size_t size) {
    const bool is_v6 = family == base::Family::kV6;
    return InnerUdp{{is_v6 ? from.inner_v6 : from.inner_v4, 9},
                    {is_v6 ? to.inner_v6 : to.inner_v4, 9},
                    Host::Bytes(size - InnerUdp::overhead(family))}
        .serialize();
  };
  client.send_inner({packet_of(client, scenario.gateway, base::Family::kV4, 1441),
                     packet_of(client, scenario.gateway, base::Family::kV6, 1441)});
  ASSERT_EQ(answers.size(), 2U);
  const auto v4 = wire::IpPacket::parse(answers[0]);
  ASSERT_TRUE(v4.has_value());
  EXPECT_EQ(v4->protocol, 1);
  EXPECT_EQ(v4->destination, client.inner_v4);
  EXPECT_EQ(answers[0][20], 3) << "destination unreachable";
  EXPECT_EQ(answers[0][21], 4) << "fragmentation needed";
  EXPECT_EQ(answers[0][26] << 8 | answers[0][27], 1440);
  const auto v6 = wire::IpPacket::parse(answers[1]);
  ASSERT_TRUE(v6.has_value());
  EXPECT_EQ(v6->protocol, 58);
  EXPECT_EQ(answers[1][40], 2) << "packet too big";
  EXPECT_EQ(answers[1][46] << 8 | answers[1][47], 1440);
  EXPECT_EQ(client.drops(base::DropReason::kTooBig), 2U);
}

TEST(Ipv6InsideASmallLink, PassesWith1280BytesByFragmentation) {
  Scenario scenario({.mode = outbound::Mode::kAggregate});
  auto& client = scenario.add_client();
  for (int i = 0; i < 2; ++i) {
    const auto mtu = link::PathMtu{1280};
    scenario.add_line(client, {.interface_mtu = mtu}).set_mtu(mtu);
  }
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(2s);
  EXPECT_EQ(client.report().mtu.value, 1280);
  const FlowShape full{.family = base::Family::kV6, .packet_size = 1280};
  auto& up = scenario.add_flow(client, scenario.gateway, full);
  auto& down = scenario.add_flow(scenario.gateway, client, full);
  up.start(500);
  down.start(500);
  scenario.network.run_for(6s);
  for (const auto* flow : {&up, &down}) {
    EXPECT_EQ(flow->lost(), 0U);
    EXPECT_EQ(flow->counters().duplicated + flow->counters().corrupted, 0U);
  }
}

}  // namespace
}  // namespace sennit::sim
