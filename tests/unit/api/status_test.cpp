#include "api/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/table.hpp"
#include "base/error.hpp"

namespace sennit::api {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

Status sample() {
  PathStatus path;
  path.id = {1};
  path.link = "adsl";
  path.interface = "eth0";
  path.local = "192.0.2.7:40001";
  path.remote = "203.0.113.5:6000";
  path.state = PathState::kUp;
  path.mtu = {1500};
  path.rtt = 31200us;
  path.loss = 0.015;
  path.tx = {10, {2000}, {1234567}, {900000}, {1300000}};
  path.capacity_tx = base::BitRate{1000000};
  path.saturated_tx = true;
  path.cause_tx = "queue";
  PeerStatus peer;
  peer.name = "gateway";
  peer.state = "up";
  peer.handshake_age = 3200ms;
  peer.cipher = "aes256gcm";
  peer.addresses = {"10.77.0.1"};
  peer.queue = {2, {3000}, 400us, 5, 6};
  peer.reorder = {1, 2, 3, 4, 5};
  peer.paths = {path};
  Status status;
  status.role = "client";
  status.version = "0.1.0";
  status.uptime = 12500ms;
  status.tunnel = {"sennit0", {1440}, {"10.77.0.2/24"}, "aggregate", {"tcp+udp", "on", "some"}};
  status.peers = {peer};
  status.links = {{"adsl",
                   "eth0",
                   "",
                   "up",
                   4,
                   base::BitRate{1000000},
                   std::nullopt,
                   3,
                   false,
                   base::Bytes{5'000'000'000},
                   base::Bytes{1'234'567'890},
                   {},
                   {}}};
  status.links.front().impair_down = DirectionStatus{{{"delay_ms", 20.5}}, "delay=20ms", {}};
  status.links.front().impair_up = DirectionStatus{{{"loss", 0.01}}, "loss=1%", {}};
  status.drops = {{"bad_tag", 3}, {"replayed", 0}};
  return status;
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

TEST(StatusJson, HasThePromisedKeys) {
  using testing::UnorderedElementsAre;
  const auto status = to_json(sample());
  EXPECT_THAT(keys_of(status), UnorderedElementsAre("role", "version", "uptime_s", "tunnel", "peers", "links",
                                                    "devices", "filters", "drops"));
  EXPECT_THAT(keys_of(status["tunnel"]), UnorderedElementsAre("name", "mtu", "addresses", "mode", "offload"));
  const auto& peer = status["peers"][0];
  EXPECT_THAT(keys_of(peer), UnorderedElementsAre("name", "state", "handshake_age_s", "cipher", "addresses",
                                                  "tx", "rx", "queue", "reorder", "paths"));
  EXPECT_THAT(keys_of(peer["tx"]), UnorderedElementsAre("packets", "bytes", "rate", "rate_mean", "rate_max"));
  EXPECT_THAT(keys_of(peer["queue"]),
              UnorderedElementsAre("packets", "bytes", "delay_ms", "drops", "marks", "superseded"));
  EXPECT_THAT(keys_of(peer["reorder"]),
              UnorderedElementsAre("held", "late", "lost", "recovered", "duplicates"));
  EXPECT_THAT(keys_of(peer["paths"][0]),
              UnorderedElementsAre("id", "link", "interface", "local", "remote", "state", "mtu", "rtt_ms",
                                   "rtt_min_ms", "tx_queue_delay_ms", "rx_queue_delay_ms", "loss", "tx", "rx",
                                   "capacity_tx", "capacity_rx", "capacity_tx_max", "capacity_rx_max",
                                   "saturated_tx", "saturated_rx", "cause_tx", "cause_rx"));
}

TEST(StatusJson, HasThePromisedUnits) {
  const auto status = to_json(sample());
  EXPECT_DOUBLE_EQ(status["uptime_s"].get<double>(), 12.5);
  EXPECT_DOUBLE_EQ(status["peers"][0]["handshake_age_s"].get<double>(), 3.2);
  EXPECT_DOUBLE_EQ(status["peers"][0]["queue"]["delay_ms"].get<double>(), 0.4);
  const auto& path = status["peers"][0]["paths"][0];
  EXPECT_DOUBLE_EQ(path["rtt_ms"].get<double>(), 31.2);
  EXPECT_EQ(path["tx"]["rate"], 1234567);
  EXPECT_EQ(path["state"], "up");
  EXPECT_TRUE(path["rtt_min_ms"].is_null());
  EXPECT_EQ(path["capacity_rx"], 0);
  EXPECT_EQ(status["devices"], json::array());
  EXPECT_EQ(status["drops"]["bad_tag"], 3);
}

TEST(StatusJson, ComesBackAsItWas) {
  EXPECT_EQ(status_from_json(to_json(sample())), sample());
  EXPECT_EQ(links_from_json(to_json(sample().links)), sample().links);
}

TEST(StatusJson, RefusesWhatIsNoStatus) {
  auto unknown_state = to_json(sample());
  unknown_state["peers"][0]["paths"][0]["state"] = "odd";
  auto no_peers = to_json(sample());
  no_peers.erase("peers");
  for (const auto& source : {json(), json::array(), json::object(), unknown_state, no_peers}) {
    EXPECT_THROW(status_from_json(source), base::Error) << source;
  }
}

TEST(TrafficStatus, TellsWhatTheCounterSays) {
  base::TrafficCounter counter;
  const base::Instant start{100s};
  counter.add(2, base::Bytes{1000}, start);
  const auto traffic = traffic_status(counter, start + 1s);
  EXPECT_EQ(traffic.packets, 2U);
  EXPECT_EQ(traffic.bytes, base::Bytes{1000});
  EXPECT_EQ(traffic.rate, base::BitRate{8000});
  EXPECT_EQ(traffic.rate_mean, counter.rate_mean(start + 1s));
  EXPECT_EQ(traffic.rate_max, base::BitRate{8000});
}

TEST(StatusTable, HasARowAPath) {
  EXPECT_EQ(
      to_table(sample()),
      "client sennit0: 10.77.0.2/24, mtu 1440, mode aggregate, running for 12 s, sennit 0.1.0\n"
      "offload: tun tcp+udp, udp send on, udp receive some\n"
      "\n"
      "peer gateway: up, handshake 3 s ago, aes256gcm, 10.77.0.1\n"
      "  path  link  interface  state  mtu   rtt      loss  tx bit/s now / mean / max  capacity     rx "
      "bit/s now / mean / max  capacity  remote\n"
      "  1     adsl  eth0       up     1500  31.2 ms  1.5%  1.23M / 900k / 1.30M       1.00M queue  0 / "
      "0 / 0                  0         203.0.113.5:6000\n"
      "  all                    up                          0 / 0 / 0                               0 / "
      "0 / 0\n"
      "  queue: 2 packets, 0.4 ms, 5 dropped, 6 marked\n"
      "  reorder: 1 held, 2 late, 3 lost, 4 recovered, 5 duplicates\n"
      "\n"
      "drops: bad_tag 3\n");
}

TEST(LinkTable, HasARowALink) {
  EXPECT_EQ(
      to_table(sample().links),
      "name  interface  address  state  sockets  up          down  cost  backup  quota            impaired\n"
      "adsl  eth0                up     4        1.00Mbit/s  auto  3     no      1235 of 5000 MB  down "
      "delay=20ms, up "
      "loss=1%\n");
}

TEST(RateText, HasThreeDigits) {
  const std::pair<std::uint64_t, const char*> cases[] = {{0, "0"},
                                                         {999, "999"},
                                                         {1000, "1.00k"},
                                                         {9999, "10.0k"},
                                                         {99960, "100k"},
                                                         {999499, "999k"},
                                                         {999500, "1.00M"},
                                                         {8100000, "8.10M"},
                                                         {1000000000, "1.00G"},
                                                         {2500000000000, "2.50T"}};
  for (const auto& [bits, text] : cases) EXPECT_EQ(rate_text({bits}), text) << bits;
}

TEST(AgeText, NamesTheTwoLargestUnits) {
  EXPECT_EQ(age_text(59s), "59 s");
  EXPECT_EQ(age_text(60s), "1 min");
  EXPECT_EQ(age_text(62min), "1 h 02 min");
  EXPECT_EQ(age_text(76h), "3 d 04 h");
}

}  // namespace
}  // namespace sennit::api
