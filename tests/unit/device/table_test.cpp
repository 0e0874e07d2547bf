#include "device/table.hpp"

#include <gtest/gtest.h>

#include <set>

#include "impair/interval.hpp"
#include "unit/device/packets.hpp"
#include "unit/device/stage.hpp"
#include "wire/checksum.hpp"

namespace sennit::device {
namespace {

using namespace std::chrono_literals;
using base::DropReason;

impair::Settings loss_of(double share) {
  impair::Settings settings;
  settings.loss = impair::RandomShare{{share}, {}};
  return settings;
}

class DeviceTable : public testing::Test {
 protected:
  void add(std::string_view match) { table_.add({prefix(match), {prefix(match)}}); }
  void impair(std::string_view match, Direction direction, const std::optional<impair::Settings>& settings,
              base::Instant now = kStart) {
    table_.impair(prefix(match), direction, settings, now);
  }
  // Whether somebody impairs this packet; then it is on its way.
  bool push(Way way, Bytes packet, base::Instant now = kStart) {
    const auto ip = wire::IpPacket::parse(packet);
    const auto lane = table_.lane_of(way, *ip);
    if (lane) table_.push(*lane, {packet}, *ip, now);
    return lane.has_value();
  }
  bool push_down(std::uint32_t number, base::Instant now = kStart) {
    return push(Way::kOut, udp_packet(kServer, kPhone, number), now);
  }
  std::vector<Bytes> release(base::Instant now) {
    std::vector<Bytes> packets;
    while (const auto released = table_.release(now)) {
      const auto bytes = released->packet.bytes;
      packets.emplace_back(bytes.begin(), bytes.end());
    }
    table_.recycle();
    return packets;
  }
  std::vector<std::uint32_t> release_numbers(base::Instant now) {
    std::vector<std::uint32_t> numbers;
    for (const auto& packet : release(now)) numbers.push_back(number_of(packet));
    return numbers;
  }

  base::DropCounters drops_;
  Table table_{Side::kBeyond, 1, drops_};
};

TEST_F(DeviceTable, LetsEverythingPassThatNobodyImpairs) {
  EXPECT_TRUE(table_.is_idle());
  EXPECT_FALSE(push_down(1));
  add(kPhone);
  EXPECT_FALSE(push_down(1));
  impair(kPhone, Direction::kUp, delay_of(1ms));
  EXPECT_FALSE(push_down(1));
  EXPECT_EQ(table_.next_wakeup(), base::kNever);
}

TEST_F(DeviceTable, DelaysEachPacketByWhatWasAskedForAndReturnsItsBytes) {
  add(kPhone);
  impair(kPhone, Direction::kDown, delay_of(100ms));
  const auto packet = udp_packet(kServer, kPhone, 7);
  ASSERT_TRUE(push(Way::kOut, packet));
  EXPECT_EQ(table_.next_wakeup(), kStart + 100ms);
  EXPECT_TRUE(release(kStart + 100ms - 1ns).empty());
  EXPECT_EQ(release(kStart + 100ms), std::vector<Bytes>{packet});
  EXPECT_EQ(table_.next_wakeup(), base::kNever);
}

TEST_F(DeviceTable, KnowsTheDeviceBySourceOrDestinationAsItLiesBeyondTheTunnelOrHere) {
  const struct {
    Side side;
    Way way;
    Direction direction;
    bool comes_from_device;
  } cases[] = {{Side::kBeyond, Way::kOut, Direction::kDown, false},
               {Side::kBeyond, Way::kIn, Direction::kUp, true},
               {Side::kHere, Way::kOut, Direction::kUp, true},
               {Side::kHere, Way::kIn, Direction::kDown, false}};
  for (const auto& [side, way, direction, comes_from_device] : cases) {
    Table table(side, 1, drops_);
    table.add({prefix(kPhone), {prefix(kPhone)}});
    table.impair(prefix(kPhone), direction, delay_of(1ms), kStart);
    const auto from = udp_packet(kPhone, kServer);
    const auto towards = udp_packet(kServer, kPhone);
    EXPECT_EQ(table.lane_of(way, *wire::IpPacket::parse(from)).has_value(), comes_from_device);
    EXPECT_EQ(table.lane_of(way, *wire::IpPacket::parse(towards)).has_value(), !comes_from_device);
    const auto& packet = comes_from_device ? from : towards;
    const auto ip = *wire::IpPacket::parse(packet);
    auto bytes = packet;
    table.push(*table.lane_of(way, ip), {bytes}, ip, kStart);
    const auto released = table.release(kStart + 1ms);
    ASSERT_TRUE(released.has_value());
    EXPECT_EQ(released->way, way);
  }
}

TEST_F(DeviceTable, LosesTheShareAskedForAndCountsIt) {
  constexpr std::uint32_t kPackets = 20'000;
  add(kPhone);
  impair(kPhone, Direction::kDown, loss_of(0.05));
  std::size_t delivered = 0;
  for (std::uint32_t i = 0; i < kPackets; ++i) {
    push_down(i, kStart + i * 1ms);
    delivered += release(kStart + i * 1ms).size();
  }
  const auto lost = drops_[DropReason::kImpairmentLoss];
  EXPECT_EQ(delivered + lost, kPackets);
  // At 99 % with seed 1.
  EXPECT_TRUE(impair::clopper_pearson({lost, kPackets}).contains({0.05})) << lost;
  const auto report = table_.report();
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0].match, base::DeviceMatch(prefix(kPhone)));
  EXPECT_EQ(report[0].lanes[0]->achieved.lost, lost);
  EXPECT_EQ(report[0].lanes[0]->achieved.judged, kPackets);
  EXPECT_FALSE(report[0].lanes[1].has_value());
}

TEST_F(DeviceTable, CountsWhatTheQueueHasNoRoomForApart) {
  add(kPhone);
  impair::Settings settings;
  settings.rate.rate = {8'000};
  settings.queue_limit = impair::Packets{3};
  impair(kPhone, Direction::kDown, settings);
  for (std::uint32_t i = 0; i < 10; ++i) push_down(i);
  release(kStart);
  EXPECT_GE(drops_[DropReason::kImpairmentQueue], 5U);
  EXPECT_EQ(drops_[DropReason::kImpairmentLoss], 0U);
}

TEST_F(DeviceTable, GivesACopyOfADuplicateThatIsItsOwn) {
  add(kPhone);
  impair::Settings settings;
  settings.duplicate = {{1.0}, {}};
  impair(kPhone, Direction::kDown, settings);
  const auto packet = udp_packet(kServer, kPhone, 9);
  push(Way::kOut, packet);
  auto first = table_.release(kStart + 1ms);
  ASSERT_TRUE(first.has_value());
  std::ranges::fill(first->packet.bytes, std::uint8_t{0});
  EXPECT_EQ(release(kStart + 1ms), std::vector<Bytes>{packet});
}

TEST_F(DeviceTable, DamagesPacketsAndRepairsTheChecksumsWhereThatIsAsked) {
  add(kPhone);
  for (const auto checksums : {impair::Checksums::kLeft, impair::Checksums::kRepaired}) {
    impair::Settings settings;
    settings.corrupt = {{{1.0}, {}}, {.region = impair::DamageRegion::kPayload, .checksums = checksums}};
    impair(kPhone, Direction::kDown, settings);
    const auto packet = udp_packet(kServer, kPhone, 1);
    push(Way::kOut, packet);
    const auto damaged = release(kStart + 1ms);
    ASSERT_EQ(damaged.size(), 1U);
    EXPECT_NE(damaged.front(), packet);
    EXPECT_EQ(has_right_checksums(damaged.front()), checksums == impair::Checksums::kRepaired);
  }
}

TEST_F(DeviceTable, CompletesAnOpenChecksumBeforeItDamages) {
  add(kPhone);
  impair::Settings settings;
  settings.corrupt = {{{1.0}, {}}, {.region = impair::DamageRegion::kPayload}};
  settings.seed = 5;
  const auto damaged_from = [&](base::Checksum checksum) {
    auto packet = udp_packet(kServer, kPhone, 1);
    const auto ip = *wire::IpPacket::parse(packet);
    const auto udp = base::ByteSpan(packet).subspan(20);
    if (checksum == base::Checksum::kOpen) {
      const auto sum = wire::pseudo_header_sum(ip.source, ip.destination, 17, udp.size());
      wire::store_u16(udp, wire::kUdpChecksum, wire::checksum_fold(sum));
    }
    Table table(Side::kBeyond, 1, drops_);
    table.add({prefix(kPhone), {prefix(kPhone)}});
    table.impair(prefix(kPhone), Direction::kDown, settings, kStart);
    table.push(*table.lane_of(Way::kOut, ip), {packet, checksum}, ip, kStart);
    const auto released = table.release(kStart + 1ms);
    EXPECT_EQ(released->packet.checksum, base::Checksum::kComplete);
    const auto bytes = released->packet.bytes;
    return Bytes(bytes.begin(), bytes.end());
  };
  EXPECT_EQ(damaged_from(base::Checksum::kOpen), damaged_from(base::Checksum::kComplete));
}

TEST_F(DeviceTable, LeavesTheOtherDirectionAloneWhenOneChanges) {
  add(kPhone);
  impair(kPhone, Direction::kUp, delay_of(50ms));
  impair(kPhone, Direction::kDown, delay_of(10ms));
  push(Way::kIn, udp_packet(kPhone, kServer, 1));
  push_down(2);
  impair(kPhone, Direction::kDown, delay_of(20ms), kStart + 1ms);
  EXPECT_EQ(release_numbers(kStart + 10ms), std::vector{2U});
  EXPECT_EQ(release_numbers(kStart + 50ms), std::vector{1U});
}

TEST_F(DeviceTable, KeepsTheOrderOfPacketsThatComeWhileARemovedDeviceDrains) {
  add(kPhone);
  impair(kPhone, Direction::kDown, delay_of(100ms));
  push_down(1);
  table_.remove(prefix(kPhone), kStart + 10ms);
  EXPECT_TRUE(table_.report().empty());
  ASSERT_TRUE(push_down(2, kStart + 20ms));
  EXPECT_TRUE(release(kStart + 99ms).empty());
  EXPECT_EQ(release_numbers(kStart + 100ms), (std::vector{1U, 2U}));
  EXPECT_TRUE(table_.is_idle());
  EXPECT_FALSE(push_down(3, kStart + 101ms));
}

TEST_F(DeviceTable, TakesADeviceBackThatHasNotDrainedYet) {
  add(kPhone);
  impair(kPhone, Direction::kDown, delay_of(100ms));
  push_down(1);
  table_.remove(prefix(kPhone), kStart);
  add(kPhone);
  impair(kPhone, Direction::kDown, delay_of(50ms));
  push_down(2, kStart);
  EXPECT_EQ(release_numbers(kStart + 100ms), (std::vector{1U, 2U}));
  EXPECT_EQ(table_.report().size(), 1U);
  EXPECT_TRUE(push_down(3, kStart + 100ms));
}

TEST_F(DeviceTable, CountsAnewFromEachChangeOfSettings) {
  add(kPhone);
  impair(kPhone, Direction::kDown, loss_of(1));
  push_down(1);
  release(kStart);
  impair(kPhone, Direction::kDown, loss_of(0));
  EXPECT_EQ(table_.report().front().lanes[0]->achieved.lost, 0U);
}

TEST_F(DeviceTable, ServesTheLongestPrefixAndExemptsADeviceWithoutSettings) {
  add("192.168.1.0/24");
  add(kPhone);
  impair("192.168.1.0/24", Direction::kDown, delay_of(10ms));
  EXPECT_FALSE(push_down(1));
  EXPECT_TRUE(push(Way::kOut, udp_packet(kServer, "192.168.1.24")));
}

TEST_F(DeviceTable, TreatsSeveralPrefixesAsOneDevice) {
  table_.add({prefix(kPhone), {prefix(kPhone), prefix("fd00::23")}});
  impair(kPhone, Direction::kDown, delay_of(10ms));
  push_down(1);
  EXPECT_TRUE(push(Way::kOut, udp_packet("2001:db8::7", "fd00::23", 2)));
  EXPECT_EQ(release_numbers(kStart + 10ms), (std::vector{1U, 2U}));
}

TEST_F(DeviceTable, KnowsADeviceThatHasNoAddressAndGivesItThoseThatItIsSaidToHave) {
  const auto mac = *base::MacAddress::parse("02:00:00:00:00:01");
  table_.add({mac, {}});
  table_.impair(mac, Direction::kDown, delay_of(10ms), kStart);
  EXPECT_FALSE(push_down(1));
  table_.add({mac, {prefix(kPhone), prefix("fd00::23")}});
  EXPECT_TRUE(push_down(2));
  EXPECT_TRUE(push(Way::kOut, udp_packet("2001:db8::7", "fd00::23", 3)));
  EXPECT_EQ(table_.report().front().addresses, (std::vector{prefix(kPhone), prefix("fd00::23")}));
  EXPECT_EQ(release_numbers(kStart + 10ms), (std::vector{2U, 3U}));
}

TEST_F(DeviceTable, MovesAnAddressFromOneDeviceToAnotherInWhateverOrderItIsSaid) {
  const std::array macs{*base::MacAddress::parse("02:00:00:00:00:01"),
                        *base::MacAddress::parse("02:00:00:00:00:02")};
  for (const auto& mac : macs) {
    table_.add({mac, {}});
    table_.impair(mac, Direction::kDown, delay_of(mac == macs[0] ? 10ms : 20ms), kStart);
  }
  table_.add({macs[0], {prefix(kPhone)}});
  table_.add({macs[1], {prefix(kPhone)}});
  table_.add({macs[0], {}});
  push_down(1);
  EXPECT_EQ(release_numbers(kStart + 10ms), std::vector<std::uint32_t>{});
  EXPECT_EQ(release_numbers(kStart + 20ms), std::vector{1U});
  table_.add({macs[1], {}});
  EXPECT_FALSE(push_down(2, kStart + 20ms));
}

TEST_F(DeviceTable, ADeviceThatLeavesTakesNoAddressAwayThatIsAnothersMeanwhile) {
  const auto mac = *base::MacAddress::parse("02:00:00:00:00:01");
  table_.add({mac, {}});
  table_.impair(mac, Direction::kDown, delay_of(10ms), kStart);
  add(kPhone);
  impair(kPhone, Direction::kDown, delay_of(1ms));
  push_down(1);
  table_.remove(prefix(kPhone), kStart);
  table_.add({mac, {prefix(kPhone)}});
  EXPECT_EQ(release_numbers(kStart + 1ms), std::vector{1U});
  EXPECT_TRUE(push_down(2, kStart + 1ms)) << "the address is the other device's";
  EXPECT_EQ(release_numbers(kStart + 11ms), std::vector{2U});
}

TEST_F(DeviceTable, LeavesNothingBehindAfterThousandsOfDevicesCameAndWent) {
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const auto now = kStart + i * 1ms;
    const auto match = "10.1." + std::to_string(i / 256 % 256) + "." + std::to_string(i % 256);
    add(match);
    impair(match, Direction::kDown, delay_of(1ms), now);
    push(Way::kOut, udp_packet(kServer, match, i), now);
    release(now);
    table_.remove(prefix(match), now);
  }
  release(kStart + 30s);
  EXPECT_TRUE(table_.is_idle());
  EXPECT_EQ(table_.next_wakeup(), base::kNever);
}

TEST_F(DeviceTable, GathersReleasesUnderLoadButDelaysNoPacketThatComesAfterAPause) {
  add(kPhone);
  impair(kPhone, Direction::kDown, delay_of(1ms));
  push_down(1, kStart);
  push_down(2, kStart + 1us);
  EXPECT_EQ(table_.next_wakeup(), kStart + 1ms);
  release(kStart + 1ms);
  EXPECT_EQ(table_.next_wakeup(), kStart + 1ms + 50us);
  release(kStart + 1ms + 50us);
  push_down(3, kStart + 5ms);
  EXPECT_EQ(table_.next_wakeup(), kStart + 6ms);
}

TEST_F(DeviceTable, CapturesWhatGoesInAndWhatComesOutWithItsDirection) {
  add(kPhone);
  impair(kPhone, Direction::kDown, loss_of(0.5));
  table_.start_capture(prefix(kPhone), kStart);
  for (std::uint32_t i = 0; i < 100; ++i) push_down(i);
  push(Way::kIn, udp_packet(kPhone, kServer, 1000));
  const auto came = release(kStart + 1ms).size();
  const auto captured = table_.take_captured(prefix(kPhone));
  ASSERT_TRUE(captured);
  const auto count = [&](Point point, Direction direction) {
    return std::ranges::count_if(captured->packets, [&](const CapturedPacket& packet) {
      return packet.point == point && packet.direction == direction;
    });
  };
  EXPECT_EQ(count(Point::kBefore, Direction::kDown), 100);
  EXPECT_EQ(count(Point::kAfter, Direction::kDown) + count(Point::kAfter, Direction::kUp),
            static_cast<std::ptrdiff_t>(came));
  EXPECT_EQ(count(Point::kAfter, Direction::kUp), 1);
  EXPECT_LT(came, 90U);
  EXPECT_TRUE(table_.take_captured(prefix(kPhone))->packets.empty());
}

TEST_F(DeviceTable, CapturesADeviceThatIsNotImpairedWithoutCallingItSo) {
  add(kPhone);
  table_.start_capture(prefix(kPhone), kStart);
  EXPECT_TRUE(push_down(1));
  EXPECT_EQ(release_numbers(kStart), std::vector<std::uint32_t>{1});
  EXPECT_EQ(table_.take_captured(prefix(kPhone))->packets.size(), 2U);
  EXPECT_FALSE(table_.report().front().lanes[0]);
  table_.stop_capture(prefix(kPhone), kStart + 1ms);
  EXPECT_FALSE(push_down(2, kStart + 2ms));
  EXPECT_FALSE(table_.take_captured(prefix(kPhone)));
}

TEST_F(DeviceTable, KeepsWhatIsSetWhileACaptureBeginsAndEnds) {
  add(kPhone);
  table_.start_capture(prefix(kPhone), kStart);
  impair(kPhone, Direction::kDown, delay_of(5ms));
  table_.stop_capture(prefix(kPhone), kStart);
  EXPECT_TRUE(push_down(1));
  EXPECT_TRUE(release_numbers(kStart + 4ms).empty());
  EXPECT_EQ(release_numbers(kStart + 5ms), std::vector<std::uint32_t>{1});
  EXPECT_TRUE(table_.report().front().lanes[0]);
}

TEST_F(DeviceTable, CountsWhatACaptureHasNoRoomForAndLetsItPass) {
  add(kPhone);
  table_.start_capture(prefix(kPhone), kStart);
  constexpr std::uint32_t kPackets = 100'000;
  for (std::uint32_t i = 0; i < kPackets; ++i) {
    push_down(i);
    EXPECT_EQ(release(kStart).size(), 1U);
  }
  const auto captured = table_.take_captured(prefix(kPhone));
  EXPECT_GT(captured->missed, 0U);
  EXPECT_EQ(captured->packets.size() + captured->missed, 2 * kPackets);
}

}  // namespace
}  // namespace sennit::device
