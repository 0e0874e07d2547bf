#include <gtest/gtest.h>

#include <algorithm>

#include "device/table.hpp"
#include "unit/device/packets.hpp"
#include "unit/device/stage.hpp"

namespace sennit::device {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTablet = "192.168.1.24";

Filter filter_of(FilterAction action, std::optional<std::string_view> device = {}) {
  Filter filter;
  filter.action = action;
  if (device) filter.device = prefix(*device);
  return filter;
}

Filter of_port(Filter filter, std::uint16_t first, std::uint16_t last) {
  filter.match.ports = {{first, last}};
  return filter;
}

Filter copies_to(Filter filter, std::string_view device) {
  filter.copies_to = prefix(device);
  return filter;
}

// Packets are UDP from port 4000 to port 5000.
class DeviceFilters : public testing::Test {
 protected:
  DeviceFilters() {
    for (const auto* device : {kPhone, kTablet}) table_.add({prefix(device), {prefix(device)}});
  }
  FilterId add(const Filter& filter) {
    const FilterId id{next_++};
    table_.add_filter(id, filter, kStart);
    return id;
  }
  // Whether it passes; its copies are made.
  bool passes(Way way, Bytes packet, base::Instant now = kStart) {
    const auto ip = *wire::IpPacket::parse(packet);
    const auto judgement = table_.judge(way, ip, {1, {packet.size()}});
    table_.copy(judgement.copied, way, {packet}, ip, now);
    return judgement.verdict == Verdict::kPass;
  }
  bool passes_down(const char* device, std::uint32_t number = 0) {
    return passes(Way::kOut, udp_packet(kServer, device, number));
  }
  bool passes_up(const char* device) { return passes(Way::kIn, udp_packet(device, kServer)); }
  std::vector<std::uint32_t> release_numbers(base::Instant now) {
    std::vector<std::uint32_t> numbers;
    while (const auto released = table_.release(now)) numbers.push_back(number_of(released->packet.bytes));
    table_.recycle();
    return numbers;
  }
  FilterReport report_of(FilterId id) {
    const auto reports = table_.report_filters();
    return *std::ranges::find(reports, id, &FilterReport::id);
  }

  std::uint32_t next_ = 1;
  base::DropCounters drops_;
  Table table_{Side::kBeyond, 1, drops_};
};

TEST_F(DeviceFilters, AreNotAskedWhereThereAreNone) {
  EXPECT_FALSE(table_.has_filters());
  const auto id = add(filter_of(FilterAction::kCount));
  EXPECT_TRUE(table_.has_filters());
  table_.remove_filter(id, kStart);
  EXPECT_FALSE(table_.has_filters());
}

TEST_F(DeviceFilters, DropThePacketsOfTheirDeviceAlone) {
  add(filter_of(FilterAction::kDrop, kPhone));
  EXPECT_FALSE(passes_down(kPhone));
  EXPECT_FALSE(passes_up(kPhone));
  EXPECT_TRUE(passes_down(kTablet));
  EXPECT_TRUE(passes_down("192.168.1.99")) << "nobody's";
  EXPECT_EQ(drops_[base::DropReason::kFiltered], 2U);
}

TEST_F(DeviceFilters, LookAtOneDirectionWhereOneIsNamed) {
  auto filter = filter_of(FilterAction::kDrop, kPhone);
  filter.direction = Direction::kUp;
  add(filter);
  EXPECT_TRUE(passes_down(kPhone));
  EXPECT_FALSE(passes_up(kPhone));
}

TEST_F(DeviceFilters, WithoutADeviceAreForEverybody) {
  add(filter_of(FilterAction::kDrop));
  EXPECT_FALSE(passes_down(kPhone));
  EXPECT_FALSE(passes_up("192.168.1.99"));
}

TEST_F(DeviceFilters, DecideByTheFirstThatDropsOrAllows) {
  const struct {
    std::vector<Filter> filters;
    bool passes;
  } cases[] = {
      {{of_port(filter_of(FilterAction::kAllow), 5000, 5000), filter_of(FilterAction::kDrop)}, true},
      {{of_port(filter_of(FilterAction::kAllow), 5001, 6000), filter_of(FilterAction::kDrop)}, false},
      {{filter_of(FilterAction::kDrop, kPhone), filter_of(FilterAction::kAllow)}, false},
      {{filter_of(FilterAction::kAllow), filter_of(FilterAction::kDrop, kPhone)}, true},
      {{filter_of(FilterAction::kCount), filter_of(FilterAction::kDrop, kPhone)}, false},
      {{filter_of(FilterAction::kDrop, kTablet), filter_of(FilterAction::kCount)}, true}};
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    std::vector<FilterId> ids;
    for (const auto& filter : cases[i].filters) ids.push_back(add(filter));
    EXPECT_EQ(passes_down(kPhone), cases[i].passes) << "case " << i;
    for (const auto id : ids) table_.remove_filter(id, kStart);
  }
}

TEST_F(DeviceFilters, CountWhatReachesThem) {
  const auto before = add(filter_of(FilterAction::kCount, kPhone));
  add(of_port(filter_of(FilterAction::kDrop, kPhone), 5000, 5000));
  const auto behind = add(filter_of(FilterAction::kCount, kPhone));
  for (int i = 0; i < 3; ++i) passes_down(kPhone);
  passes_down(kTablet);
  EXPECT_EQ(report_of(before).packets, 3U);
  EXPECT_EQ(report_of(before).bytes, base::Bytes{600});
  EXPECT_EQ(report_of(behind).packets, 0U);
}

TEST_F(DeviceFilters, CountASuperpacketAsThePacketsThatItStandsFor) {
  const auto id = add(filter_of(FilterAction::kDrop, kPhone));
  const auto packet = udp_packet(kServer, kPhone);
  table_.judge(Way::kOut, *wire::IpPacket::parse(packet), {40, {60'000}});
  EXPECT_EQ(report_of(id).packets, 40U);
  EXPECT_EQ(drops_[base::DropReason::kFiltered], 40U);
}

TEST_F(DeviceFilters, SendACopyThroughTheOtherDevicesImpairmentToTheSameDestination) {
  table_.impair(prefix(kTablet), Direction::kDown, delay_of(20ms), kStart);
  add(copies_to(filter_of(FilterAction::kCopy, kPhone), kTablet));
  ASSERT_TRUE(passes_down(kPhone, 7));
  EXPECT_TRUE(release_numbers(kStart + 20ms - 1ns).empty());
  const auto released = table_.release(kStart + 20ms);
  ASSERT_TRUE(released);
  EXPECT_EQ(released->way, Way::kOut);
  EXPECT_EQ(released->ip.destination, address(kPhone));
  EXPECT_EQ(number_of(released->packet.bytes), 7U);
}

TEST_F(DeviceFilters, SendACopyOnAtOnceWhereTheOtherDeviceIsNotImpaired) {
  const auto id = add(copies_to(filter_of(FilterAction::kCopy, kPhone), kTablet));
  passes_down(kPhone, 7);
  EXPECT_EQ(release_numbers(kStart), std::vector{7U});
  EXPECT_FALSE(table_.report()[1].lanes[0]) << "it is not called impaired";
  table_.remove_filter(id, kStart);
  EXPECT_FALSE(table_.lane_of(Way::kOut, *wire::IpPacket::parse(udp_packet(kServer, kTablet))));
}

TEST_F(DeviceFilters, CopyAPacketThatALaterOneDrops) {
  add(copies_to(filter_of(FilterAction::kCopy, kPhone), kTablet));
  add(filter_of(FilterAction::kDrop, kPhone));
  EXPECT_FALSE(passes_down(kPhone, 7));
  EXPECT_EQ(release_numbers(kStart), std::vector{7U});
}

TEST_F(DeviceFilters, DoNotJudgeCopies) {
  add(copies_to(filter_of(FilterAction::kCopy, kPhone), kPhone));
  passes_down(kPhone, 7);
  EXPECT_EQ(release_numbers(kStart + 1s), std::vector{7U});
}

TEST_F(DeviceFilters, KeepRecordedPacketsUntilTheyAreTakenAndNoMoreThanFit) {
  const auto id = add(filter_of(FilterAction::kRecord, kPhone));
  const auto packet = udp_packet(kServer, kPhone, 0, 1400);
  constexpr std::size_t kMany = Capture::kMostBytes / 1000;
  for (std::size_t i = 0; i < kMany; ++i) ASSERT_TRUE(passes(Way::kOut, packet));
  const auto recorded = table_.take_recorded(id);
  EXPECT_EQ(recorded.packets.size() + recorded.missed, kMany);
  EXPECT_GT(recorded.missed, 0U);
  EXPECT_EQ(recorded.packets.front().bytes, packet);
  EXPECT_TRUE(table_.take_recorded(id).packets.empty());
}

TEST_F(DeviceFilters, StillHoldForADeviceThatIsClearedAndLetItGoWhenTheyGo) {
  const auto id = add(filter_of(FilterAction::kDrop, kPhone));
  table_.remove(prefix(kPhone), kStart);
  table_.remove(prefix(kTablet), kStart);
  EXPECT_FALSE(passes_down(kPhone));
  table_.remove_filter(id, kStart);
  EXPECT_TRUE(table_.is_idle());
}

TEST_F(DeviceFilters, GoByTheSourceOrDestinationAsTheDeviceLiesBeyondTheTunnelOrHere) {
  Table here(Side::kHere, 1, drops_);
  here.add({prefix(kPhone), {prefix(kPhone)}});
  auto filter = filter_of(FilterAction::kDrop, kPhone);
  filter.direction = Direction::kUp;
  here.add_filter({1}, filter, kStart);
  const auto from = *wire::IpPacket::parse(udp_packet(kPhone, kServer));
  const auto towards = *wire::IpPacket::parse(udp_packet(kServer, kPhone));
  EXPECT_EQ(here.judge(Way::kOut, from, {}).verdict, Verdict::kDrop);
  EXPECT_EQ(here.judge(Way::kIn, towards, {}).verdict, Verdict::kPass);
}

}  // namespace
}  // namespace sennit::device
