#include "shell/status.hpp"

#include <gtest/gtest.h>

namespace sennit::shell {
namespace {

using std::chrono::milliseconds;

base::SocketAddress address(const char* text) {
  return base::SocketAddress::parse(text).value();
}

tunnel::EndpointReport report_of_one_path() {
  tunnel::PathReport path;
  path.id = {3};
  path.link = "adsl";
  path.route = base::Route{{1}, {}, address("203.0.113.5:6000")};
  path.state = link::PathState::kLossy;
  path.mtu = {1492};
  path.rtt = milliseconds(30);
  path.highest_tx = {1'000'000};
  tunnel::PeerReport peer;
  peer.name = "gateway";
  peer.state = tunnel::PeerState::kUp;
  peer.cipher = crypto::Cipher::kAes256Gcm;
  peer.addresses = {base::Prefix::parse("10.77.0.1/24").value()};
  peer.duplicates = 5;
  peer.paths.push_back(path);
  tunnel::EndpointReport report;
  report.mtu = {1432};
  report.addresses = {base::Prefix::parse("10.77.0.2/24").value()};
  report.peers.push_back(peer);
  report.drops.count(base::DropReason::kReplayed, 7);
  return report;
}

Surroundings on_eth0() {
  return {tunnel::Role::kClient,
          milliseconds(12500),
          "sennit0",
          config::Mode::kFlow,
          {"tcp", "on", "some"},
          [](const tunnel::PathReport&) {
            return PathPlace{"eth0", address("192.0.2.7:40001")};
          },
          {}};
}

TEST(Status, SaysWhatTheEndpointAndTheShellKnowOfAPath) {
  const auto status = status_of(report_of_one_path(), on_eth0());
  const auto& path = status.peers.at(0).paths.at(0);
  EXPECT_EQ(path.id, base::PathId{3});
  EXPECT_EQ(path.link, "adsl");
  EXPECT_EQ(path.interface, "eth0");
  EXPECT_EQ(path.local, "192.0.2.7:40001");
  EXPECT_EQ(path.remote, "203.0.113.5:6000");
  EXPECT_EQ(path.state, api::PathState::kLossy);
  EXPECT_EQ(path.mtu.value, 1492U);
  EXPECT_EQ(path.rtt, milliseconds(30));
}

TEST(Status, LeavesOutWhatIsNotKnownYet) {
  auto report = report_of_one_path();
  report.peers[0].paths[0].rtt.reset();
  report.peers[0].paths[0].route.reset();
  auto nowhere = on_eth0();
  nowhere.place_of = [](const tunnel::PathReport&) { return PathPlace{}; };
  const auto path = status_of(report, nowhere).peers.at(0).paths.at(0);
  EXPECT_FALSE(path.tx_queue_delay);
  EXPECT_EQ(path.local, "");
  EXPECT_EQ(path.remote, "");
}

TEST(Status, ShowsTheHighestCapacitySoFarWhereNothingBetterIsKnown) {
  const auto path = status_of(report_of_one_path(), on_eth0()).peers.at(0).paths.at(0);
  EXPECT_EQ(path.capacity_tx, base::BitRate{1'000'000});
  EXPECT_EQ(path.capacity_tx_max, base::BitRate{1'000'000});
  EXPECT_EQ(path.capacity_rx, base::BitRate{}) << "nothing is known";
  EXPECT_EQ(path.capacity_rx_max, base::BitRate{});
}

// Each row adds what counts before what the rows above say.
TEST(Status, ShowsTheCapacityThatWasMeasuredBeforeTheOneToldBeforeTheOneRemembered) {
  auto report = report_of_one_path();
  auto& path = report.peers[0].paths[0];
  auto known = KnownRates{{}, {{900'000}, {4'000'000}}};
  auto surroundings = on_eth0();
  surroundings.rates_of = [&](const std::string&, const tunnel::PathReport&) { return known; };
  const auto shown = [&] { return status_of(report, surroundings).peers.at(0).paths.at(0); };
  EXPECT_EQ(shown().capacity_tx, base::BitRate{1'000'000})
      << "the highest so far is above what is remembered";
  EXPECT_EQ(shown().capacity_rx, base::BitRate{4'000'000}) << "remembered";
  path.told_tx = {800'000};
  known.told_rx = {3'000'000};
  EXPECT_EQ(shown().capacity_tx, base::BitRate{800'000});
  EXPECT_EQ(shown().capacity_rx, base::BitRate{3'000'000});
  path.capacity_tx = {700'000};
  path.capacity_rx = {5'000'000};
  EXPECT_EQ(shown().capacity_tx, base::BitRate{700'000});
  EXPECT_EQ(shown().capacity_rx, base::BitRate{5'000'000});
  EXPECT_EQ(shown().capacity_tx_max, base::BitRate{1'000'000});
  EXPECT_EQ(shown().capacity_rx_max, base::BitRate{5'000'000});
}

TEST(Status, SaysWhichDirectionsAreSaturated) {
  auto report = report_of_one_path();
  auto& path = report.peers[0].paths[0];
  path.saturation_tx = link::Limit::kPolicer;
  EXPECT_TRUE(status_of(report, on_eth0()).peers.at(0).paths.at(0).saturated_tx);
  EXPECT_FALSE(status_of(report, on_eth0()).peers.at(0).paths.at(0).saturated_rx);
  path.saturation_tx = link::Limit::kNone;
  path.is_saturated_rx = true;
  EXPECT_FALSE(status_of(report, on_eth0()).peers.at(0).paths.at(0).saturated_tx);
  EXPECT_TRUE(status_of(report, on_eth0()).peers.at(0).paths.at(0).saturated_rx);
}

TEST(Status, SaysWhatTheTunnelIs) {
  const auto status = status_of(report_of_one_path(), on_eth0());
  EXPECT_EQ(status.role, "client");
  EXPECT_EQ(status.uptime, milliseconds(12500));
  EXPECT_EQ(status.tunnel.name, "sennit0");
  EXPECT_EQ(status.tunnel.mtu.value, 1432U);
  EXPECT_EQ(status.tunnel.mode, "flow");
  EXPECT_EQ(status.tunnel.addresses, std::vector<std::string>{"10.77.0.2/24"});
}

TEST(Status, NamesAPeerWithItsAddressesAlone) {
  const auto peer = status_of(report_of_one_path(), on_eth0()).peers.at(0);
  EXPECT_EQ(peer.state, "up");
  EXPECT_EQ(peer.cipher, "aes256gcm");
  EXPECT_EQ(peer.addresses, std::vector<std::string>{"10.77.0.1"});
  EXPECT_EQ(peer.reorder.duplicates, 5U);
}

TEST(Status, CountsOnlyDropsThatHappened) {
  const auto status = status_of(report_of_one_path(), on_eth0());
  EXPECT_EQ(status.drops, (std::map<std::string, std::uint64_t>{{"replayed", 7}}));
}

}  // namespace
}  // namespace sennit::shell
