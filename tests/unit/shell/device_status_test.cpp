#include "shell/device_status.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sennit::shell {
namespace {

using namespace std::chrono_literals;

const base::Now kNow{base::Instant(1h), base::WallTime(std::chrono::hours(500'000))};

Device device_with(std::string_view down) {
  return {"phone", *config::parse_match("192.168.1.23"),
          "3g",    *config::parse_impairment(down, config::read_file),
          {},      kNow.wall + 90s};
}

std::string_view in_tunnel(const base::DeviceMatch& /*match*/) {
  return "tunnel";
}

std::string_view by_tc(const base::DeviceMatch& /*match*/) {
  return "tc";
}

TEST(DeviceStatus, SaysWhatIsSetWithUnitsAndTheOptionsAsWritten) {
  const auto options = "rate=780kbit queue=250ms delay=100ms jitter=2.5ms loss=1% loss-burst=3";
  const auto json = api::to_json(status_of({device_with(options)}, {}, in_tunnel, kNow));
  ASSERT_EQ(json.size(), 1U);
  const auto& device = json[0];
  EXPECT_EQ(device["name"], "phone");
  EXPECT_EQ(device["match"], "192.168.1.23");
  EXPECT_EQ(device["profile"], "3g");
  EXPECT_EQ(device["backend"], "tunnel");
  EXPECT_EQ(device["expires_s"], 90.0);
  EXPECT_EQ(device["up"], nlohmann::json::object());
  const auto& set = device["down"]["set"];
  EXPECT_EQ(set["rate"], 780'000);
  EXPECT_EQ(set["delay_ms"], 100.0);
  EXPECT_EQ(set["jitter_ms"], 2.5);
  EXPECT_DOUBLE_EQ(set["loss"].get<double>(), 0.01);
  EXPECT_EQ(set["loss_burst"], 3.0);
  EXPECT_EQ(set["queue"], "250ms");
  EXPECT_EQ(device["down"]["options"], options);
  EXPECT_EQ(device["down"]["achieved"]["packets"], 0);
}

TEST(DeviceStatus, SaysWhatWasAchievedWithItsIntervals) {
  device::DeviceReport report{config::parse_match("192.168.1.23")->front(), {}, {}};
  report.addresses = {*base::Prefix::parse("192.168.1.23"), *base::Prefix::parse("fd00::/64")};
  auto& lane = report.lanes[0].emplace();
  lane.achieved.offered = lane.achieved.judged = 1000;
  lane.achieved.lost = 10;
  lane.achieved.queue_drops = 3;
  lane.achieved.aqm_drops = 4;
  const auto status = status_of({device_with("loss=1%")}, {report}, by_tc, kNow).front();
  EXPECT_EQ(status.addresses, (std::vector<std::string>{"192.168.1.23", "fd00::/64"}));
  EXPECT_EQ(status.down->achieved.lost, 10U);
  EXPECT_EQ(status.down->achieved.queue_drops, 7U);
  EXPECT_EQ(status.down->achieved.aqm_drops, 4U);
  const auto& share = status.down->achieved.shares.at("lost");
  EXPECT_DOUBLE_EQ(share.share, 0.01);
  EXPECT_LT(share.low, 0.01);
  EXPECT_GT(share.high, 0.01);
  EXPECT_FALSE(status.down->achieved.shares.contains("corrupted"));
}

TEST(DeviceStatus, ReadsBackAsItWasWritten) {
  const auto devices = status_of({device_with("rate=1mbit loss=1%")}, {}, in_tunnel, kNow);
  EXPECT_EQ(api::devices_from_json(api::to_json(devices)), devices);
}

}  // namespace
}  // namespace sennit::shell
