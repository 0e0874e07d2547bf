#include <gtest/gtest.h>

#include <functional>

#include "unit/impair/pipe.hpp"

namespace sennit::impair {
namespace {

using namespace std::chrono_literals;

// Sends full packets at 12 Mbit/s for two seconds, with a change of settings in the middle.
std::vector<Arrival> flow_over_change(const Settings& before, const Settings& after) {
  Pipe pipe(before);
  constexpr std::uint32_t kPackets = 2'000;
  for (std::uint32_t i = 0; i < kPackets; ++i) {
    if (i == kPackets / 2) pipe.change(after, kStart + i * 1ms);
    pipe.send(kStart + i * 1ms);
  }
  pipe.finish();
  EXPECT_EQ(pipe.all().size(), kPackets);
  return pipe.delivered();
}

bool is_in_order(const std::vector<Arrival>& arrivals) {
  return std::ranges::is_sorted(arrivals, {}, &Arrival::number);
}

std::vector<Arrival> after(const std::vector<Arrival>& arrivals, base::Instant at) {
  std::vector<Arrival> rest;
  for (const auto& arrival : arrivals) {
    if (arrival.at >= at) rest.push_back(arrival);
  }
  return rest;
}

constexpr base::Instant kChange = kStart + 1s;

Settings wire(std::uint64_t rate, base::Duration delay = {}) {
  return {.rate = {.rate = {rate}}, .queue_limit = Packets{100'000}, .delay = {.delay = delay}};
}

Settings bucket(std::uint64_t rate, std::uint64_t burst) {
  return {.rate = {.rate = {rate}, .burst = {burst}}, .queue_limit = Packets{100'000}};
}

TEST(Change, OfTheRateLetsNoBurstThroughAndLosesNothing) {
  const Settings settings[] = {wire(1'000'000), wire(5'000'000), bucket(1'000'000, 20'000),
                               bucket(5'000'000, 50'000), bucket(5'000'000, 1'500)};
  for (const auto& from : settings) {
    for (const auto& to : settings) {
      const auto arrivals = flow_over_change(from, to);
      EXPECT_EQ(arrivals.size(), 2'000U);
      EXPECT_TRUE(is_in_order(arrivals));
      // Under the higher of both rates, and no tokens appear: a packet that was on its way may end at the
      // change.
      const auto rate = std::max(from.rate.rate, to.rate.rate);
      EXPECT_LE(largest_burst(after(arrivals, kChange - 100ms), rate), 3'001.0)
          << from.rate.rate.bits_per_second << " to " << to.rate.rate.bits_per_second;
      const auto later = after(arrivals, kChange + 1s);
      EXPECT_NEAR(mean_rate(later) / static_cast<double>(to.rate.rate.bits_per_second), 1, 0.01);
    }
  }
}

TEST(Change, OfTheRateLetsAPacketOnTheWireGoOnAtTheNewRate) {
  Pipe pipe(wire(12'000));  // a second a packet
  pipe.send(kStart);
  pipe.change(wire(120'000), kStart + 500ms);
  pipe.finish();
  EXPECT_EQ(pipe.delivered().front().at, kStart + 550ms);
}

TEST(Change, ToTheSameSettingsChangesNothing) {
  for (const auto& settings : {wire(3'000'000, 50ms), bucket(3'000'000, 30'000)}) {
    Pipe changed(settings);
    Pipe left(settings);
    for (std::uint32_t i = 0; i < 2'000; ++i) {
      const auto at = kStart + i * 1ms;
      if (i % 7 == 0) changed.change(settings, at);
      changed.send(at);
      left.send(at);
    }
    changed.finish();
    left.finish();
    ASSERT_EQ(changed.delivered().size(), left.delivered().size());
    const auto drift = changed.delivered().back().at - left.delivered().back().at;
    EXPECT_EQ(drift, 0ms);
  }
}

TEST(Change, OfTheDelayKeepsWhatIsOnItsWay) {
  const auto longer = flow_over_change({.delay = {.delay = 10ms}}, {.delay = {.delay = 200ms}});
  EXPECT_TRUE(is_in_order(longer));
  for (const auto& arrival : longer) {
    EXPECT_EQ(arrival.at - kStart - arrival.number() * 1ms, arrival.number() < 1000 ? 10ms : 200ms);
  }
}

TEST(Change, ToAShorterDelayKeepsTheOrder) {
  const auto shorter = flow_over_change({.delay = {.delay = 200ms}}, {.delay = {.delay = 10ms}});
  EXPECT_EQ(shorter.size(), 2'000U);
  EXPECT_TRUE(is_in_order(shorter));
  EXPECT_EQ(shorter.back().at, kStart + 1999ms + 10ms);
}

TEST(Change, ToAShorterDelayKeepsToTheRate) {
  const auto arrivals = flow_over_change(wire(5'000'000, 500ms), wire(5'000'000, 10ms));
  EXPECT_EQ(arrivals.size(), 2'000U);
  EXPECT_TRUE(is_in_order(arrivals));
  EXPECT_LE(largest_burst(arrivals, {5'000'000}), 1'501.0);
}

TEST(Change, OfTheDisciplineKeepsEveryPacketInItsOrder) {
  constexpr Aqm kAll[] = {Aqm::kDropTail, Aqm::kFair, Aqm::kPriorityBands};
  for (const auto from : kAll) {
    for (const auto to : kAll) {
      auto before = wire(1'000'000);
      auto later = before;
      before.aqm = from;
      later.aqm = to;
      const auto arrivals = flow_over_change(before, later);
      EXPECT_EQ(arrivals.size(), 2'000U);
      EXPECT_TRUE(is_in_order(arrivals));
    }
  }
}

TEST(Change, ToASmallerQueueDropsNothingThatWaits) {
  auto smaller = wire(1'000'000);
  smaller.queue_limit = Packets{1};
  Pipe pipe(wire(1'000'000));
  for (int i = 0; i < 50; ++i) pipe.send(kStart);
  pipe.change(smaller, kStart + 1ms);
  pipe.finish();
  EXPECT_EQ(pipe.delivered().size(), 50U);
}

TEST(Change, OfTheOrderKeepsEveryPacketAndLetsNoBurstThrough) {
  auto netem = wire(5'000'000, 20ms);
  netem.order = Order::kNetem;
  for (const auto& [from, to] :
       {std::pair(wire(5'000'000, 20ms), netem), std::pair(netem, wire(5'000'000, 20ms))}) {
    const auto arrivals = flow_over_change(from, to);
    EXPECT_EQ(arrivals.size(), 2'000U);
    EXPECT_TRUE(is_in_order(arrivals));
    EXPECT_LE(largest_burst(arrivals, {5'000'000}), 3'001.0);
  }
}

TEST(Change, FromAManagedQueueToNetemDropsNothing) {
  for (const auto aqm : {Aqm::kCoDel, Aqm::kFqCodel}) {
    auto managed = wire(1'000'000);
    managed.aqm = aqm;
    auto netem = wire(1'000'000);
    netem.order = Order::kNetem;
    Pipe pipe(managed);
    for (int i = 0; i < 30; ++i) pipe.send(kStart);
    pipe.change(netem, kStart + 110ms);  // CoDel would soon begin to drop
    EXPECT_EQ(pipe.chain().achieved().aqm_drops, 0U);
    pipe.finish();
    EXPECT_EQ(pipe.delivered().size(), 30U);
    EXPECT_TRUE(std::ranges::is_sorted(pipe.numbers()));
  }
}

TEST(Change, FromNothingToABucketStartsItEmpty) {
  Pipe pipe(Settings{});
  pipe.change(bucket(1'000'000, 100'000), kStart + 1s);
  for (int i = 0; i < 20; ++i) pipe.send(kStart + 1s);
  pipe.finish();
  EXPECT_LE(largest_burst(pipe.delivered(), {1'000'000}), 1'501.0);
}

TEST(Change, FromATraceToAWireAndBackLosesNothing) {
  const auto trace = std::make_shared<const Trace>(std::get<Trace>(Trace::parse("3\n6\n9\n")));
  const Settings traced{.rate = {.trace = trace}, .queue_limit = Packets{100'000}};
  for (const auto& [from, to] : {std::pair(traced, wire(2'000'000)), std::pair(wire(2'000'000), traced)}) {
    const auto arrivals = flow_over_change(from, to);
    EXPECT_EQ(arrivals.size(), 2'000U);
    EXPECT_TRUE(is_in_order(arrivals));
    EXPECT_LE(largest_burst(arrivals, {4'000'000}), 3'001.0);
  }
}

}  // namespace
}  // namespace sennit::impair
