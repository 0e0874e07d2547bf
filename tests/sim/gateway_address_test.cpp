// Several addresses of one gateway, of which not all lead there.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/scenario.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* kLive = "203.0.113.1";
constexpr const char* kLiveV6 = "2001:db8::1";
constexpr const char* kDead = "203.0.113.99";
constexpr const char* kDeadV6 = "2001:db8::99";

bool has_every_path_up(const Client& client) {
  const auto paths = client.peer_report().paths;
  return std::ranges::all_of(paths, [](const auto& path) { return path.state == link::PathState::kUp; });
}

// Until every path is up of a client that knows these addresses, over two lines of 40 ms there and back.
base::Duration time_to_start(const std::vector<const char*>& addresses, std::uint8_t sockets) {
  Scenario scenario;
  auto& client = scenario.add_client();
  std::vector<tunnel::GatewayAddress> known;
  const auto port = scenario.gateway_address(base::Family::kV4).port;
  for (const auto* address : addresses) known.push_back({*base::IpAddress::parse(address), port, port});
  client.set_gateway_addresses(std::move(known));
  for (int i = 0; i < 2; ++i)
    scenario.add_line(client, {.up = {.delay = 20ms}, .down = {.delay = 20ms}, .sockets = sockets});
  const auto began = scenario.network.now().monotonic;
  scenario.start();
  EXPECT_TRUE(scenario.network.run_until([&] { return has_every_path_up(client); }, 10s));
  return scenario.network.now().monotonic - began;
}

TEST(AddressesOfTheGateway, AreTriedSideBySideSoThatDeadOnesCostNothing) {
  const std::vector<std::vector<const char*>> cases{
      {kDead, kLive}, {kDeadV6, kLive}, {kDeadV6, kDead, kLiveV6, kLive}, {kLive, kDead}};
  for (const std::uint8_t sockets : {std::uint8_t{1}, std::uint8_t{3}}) {
    const auto alone = time_to_start({kLive}, sockets);
    for (const auto& addresses : cases)
      EXPECT_LE(time_to_start(addresses, sockets), alone + 5ms)
          << addresses.front() << ' ' << addresses.size();
  }
}

TEST(AddressesOfTheGateway, AreTriedSideBySideWhenTheyChange) {
  Scenario scenario;
  auto& client = scenario.add_client();
  scenario.add_line(client);
  ASSERT_TRUE(scenario.connect());
  scenario.network.run_for(3s);
  const auto port = scenario.gateway_address(base::Family::kV4).port;
  client.act([&](tunnel::Endpoint& endpoint, base::Now now) {
    endpoint.set_gateway_addresses(
        {{*base::IpAddress::parse(kDead), port, port}, {*base::IpAddress::parse(kLiveV6), port, port}}, now);
  });
  EXPECT_TRUE(scenario.network.run_until([&] { return has_every_path_up(client); }, 200ms));
  EXPECT_EQ(client.path_report(0).route->remote.address, *base::IpAddress::parse(kLiveV6));
}

}  // namespace
}  // namespace sennit::sim
