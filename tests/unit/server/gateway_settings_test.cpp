#include "server/gateway_settings.hpp"

#include <gtest/gtest.h>

namespace sennit::server {
namespace {

using base::Prefix;

Prefix prefix(const char* text) {
  return Prefix::parse(text).value();
}

tunnel::EndpointConfig gateway_with_peer(std::vector<Prefix> allowed) {
  tunnel::PeerConfig peer;
  peer.allowed = std::move(allowed);
  return {.role = tunnel::Role::kGateway,
          .private_key = crypto::PrivateKey::generate(),
          .mode = outbound::Mode::kAggregate,
          .fixed_mtu = {},
          .addresses = {prefix("10.77.0.1/24"), prefix("fd77::1/64")},
          .networks = {},
          .peers = {peer},
          .links = {},
          .seed = 0,
          .last_timestamp = 0,
          .software = {}};
}

TEST(RoutesToPeers, LeaveOutAddressesInTheGatewaysNetworks) {
  EXPECT_TRUE(routes_to_peers(gateway_with_peer({prefix("10.77.0.2"), prefix("fd77::2")})).empty());
}

TEST(RoutesToPeers, HoldNetworksBehindPeersAndAddressesElsewhere) {
  const std::vector expected{prefix("192.168.1.0/24"), prefix("172.16.0.9")};
  EXPECT_EQ(routes_to_peers(gateway_with_peer({prefix("10.77.0.2"), expected[0], expected[1]})), expected);
}

TEST(RoutesToPeers, HoldANetworkThatIsPartOfTheGateways) {
  const std::vector expected{prefix("10.77.0.128/25")};
  EXPECT_EQ(routes_to_peers(gateway_with_peer(expected)), expected);
}

TEST(ConfiguredPrefixes, HoldAddressesAndNetworksOfEveryPeer) {
  config::GatewayOptions options;
  options.peers.resize(2);
  options.peers[0].addresses = {prefix("10.77.0.2").address()};
  options.peers[1].networks = {prefix("192.168.1.0/24")};
  EXPECT_EQ(configured_prefixes(options), (std::vector{prefix("10.77.0.2/32"), prefix("192.168.1.0/24")}));
}

}  // namespace
}  // namespace sennit::server
