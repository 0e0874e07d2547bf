// Situations in which an earlier version failed.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

TEST(ALongRoundTrip, IsNoReasonToTryAnotherAddressOfTheGateway) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client, {.up = {.delay = 250ms}, .down = {.delay = 250ms}});
  ASSERT_TRUE(scenario.connect());
  const auto real = scenario.gateway_address(base::Family::kV4);
  const auto bogus = *base::IpAddress::parse("203.0.113.99");
  client.act([&](tunnel::Endpoint& endpoint, base::Now now) {
    endpoint.set_gateway_addresses({{real.address, real.port, real.port}, {bogus, real.port, real.port}},
                                   now);
  });
  scenario.network.run_for(3s);
  auto& flow = scenario.add_flow(client, scenario.gateway);
  const auto changes = client.count_events<tunnel::PathChanged>();
  flow.start(400);
  scenario.network.run_for(6s);
  EXPECT_EQ(flow.lost(), 0U);
  EXPECT_EQ(client.count_events<tunnel::PathChanged>(), changes);
}

TEST(ABackupThatTakesLargerPackets, DoesNotKeepThemFromTheRegularPath) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client, {.interface_mtu = link::PathMtu{1280}});
  scenario.add_line(client, {.use = link::PathUse::kBackup});
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(3s);
  auto& flow =
      scenario.add_flow(client, scenario.gateway, {.family = base::Family::kV6, .packet_size = 1280});
  flow.start(100);
  scenario.network.run_for(3s);
  EXPECT_EQ(flow.counters().delivered, 100U);
}

TEST(AnOutageLongerThanTheMtuIsConfirmed, LeavesAnEndpointThatSleeps) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& line = scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  auto& flow = scenario.add_flow(client, scenario.gateway);
  flow.start();
  scenario.network.run_for(3s);
  line.set_out(true);
  scenario.network.run_for(4s);
  flow.stop();
  scenario.network.run_for(4s);
  line.set_out(false);
  scenario.network.run_for(5s);
  int soon = 0;
  for (int sample = 0; sample < 200; ++sample) {
    scenario.network.run_for(10ms);
    client.act([&](tunnel::Endpoint& endpoint, base::Now now) {
      soon += endpoint.next_wakeup() - now.monotonic < 1ms ? 1 : 0;
    });
  }
  EXPECT_LE(soon, 20) << "of 200";
}

TEST(AnAnnouncementThatWasOvertaken, IsOldNews) {
  Scenario scenario;
  auto& client = scenario.add_client();
  auto& quick = scenario.add_line(client);
  scenario.add_line(client, {.up = {.delay = 1500ms}, .down = {.delay = 1500ms}});
  ASSERT_TRUE(scenario.connect(10s));
  auto& flow = scenario.add_flow(client, scenario.gateway);
  flow.start();
  scenario.network.run_for(10s);
  quick.set_out(true);
  scenario.network.run_for(600ms);
  quick.set_out(false);
  scenario.network.run_for(8s);
  EXPECT_EQ(client.path_report(0).state, link::PathState::kUp);
  EXPECT_EQ(scenario.gateway.path_report(0).state, link::PathState::kUp);
}

}  // namespace
}  // namespace sennit::sim
