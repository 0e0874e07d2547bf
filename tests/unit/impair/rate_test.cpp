#include <gtest/gtest.h>

#include "unit/impair/pipe.hpp"

namespace sennit::impair {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRates[] = {20'000, 780'000, 1'000'000, 7'300'000, 100'000'000, 1'000'000'000};

Settings with_rate(RateSettings rate, QueueLimit limit = Packets{100}) {
  return {.rate = std::move(rate), .queue_limit = limit};
}

// Keeps a queue of at least one packet for ten seconds.
void saturate(Pipe& pipe, base::BitRate rate, std::uint32_t size) {
  const auto gap = base::Duration(
      static_cast<std::int64_t>(size * 8e9 / (1.3 * static_cast<double>(rate.bits_per_second))));
  for (auto at = kStart; at < kStart + 10s; at += gap) pipe.send(at, size);
  pipe.finish();
}

TEST(Rate, OfAWireIsWithinOnePercentOverTenSecondsAndNeverBurstsMoreThanAPacket) {
  for (const auto bits : kRates) {
    for (const std::uint32_t size : {64U, 1500U}) {
      if (bits == 1'000'000'000 && size == 64) continue;  // 25 million packets
      Pipe pipe(with_rate({.rate = {bits}}));
      saturate(pipe, {bits}, size);
      const auto arrivals = pipe.delivered();
      EXPECT_NEAR(mean_rate(arrivals) / static_cast<double>(bits), 1, 1e-4) << bits << " " << size;
      EXPECT_LE(largest_burst(arrivals, {bits}), size + 1.0) << bits << " " << size;
    }
  }
}

TEST(Rate, OfABucketIsWithinOnePercentOverTenSecondsAndNeverExceedsItsBurst) {
  for (const auto bits : kRates) {
    const base::Bytes burst{std::max<std::uint64_t>(bits / 8 / 50, 3000)};
    Pipe pipe(with_rate({.rate = {bits}, .burst = burst}));
    saturate(pipe, {bits}, 1500);
    const auto arrivals = pipe.delivered();
    EXPECT_LE(largest_burst(arrivals, {bits}), static_cast<double>(burst.value) + 1.0) << bits;
    const std::vector<Arrival> settled(arrivals.begin() + static_cast<std::ptrdiff_t>(arrivals.size() / 3),
                                       arrivals.end());
    EXPECT_NEAR(mean_rate(settled) / static_cast<double>(bits), 1, 1e-3) << bits;
  }
}

TEST(Rate, OfABurstIsLimitedByThePeak) {
  Pipe pipe(with_rate({.rate = {1'000'000}, .burst = {30'000}, .peak = {8'000'000}}));
  saturate(pipe, {1'000'000}, 1500);
  pipe.run_until(kStart + 20s);
  for (int i = 0; i < 40; ++i) pipe.send(kStart + 20s);
  pipe.finish();
  const auto arrivals = pipe.delivered();
  EXPECT_LE(largest_burst(arrivals, {8'000'000}), 1501.0);
  EXPECT_LE(largest_burst(arrivals, {1'000'000}), 30'001.0);
  EXPECT_GT(largest_burst(arrivals, {1'000'000}), 28'000.0);
}

TEST(Rate, OfAnIdleBucketLetsItsBurstThroughAtOnce) {
  Pipe pipe(with_rate({.rate = {1'000'000}, .burst = {3'000}}));
  for (int i = 0; i < 3; ++i) pipe.send(kStart, 1500);
  pipe.finish();
  const auto arrivals = pipe.delivered();
  ASSERT_EQ(arrivals.size(), 3U);
  EXPECT_EQ(arrivals[1].at, kStart);
  EXPECT_EQ(arrivals[2].at, kStart + 12ms);
}

TEST(Rate, APacketLargerThanTheBucketPassesAndOwesTheRest) {
  Pipe pipe(with_rate({.rate = {1'000'000}, .burst = {500}}));
  for (int i = 0; i < 4; ++i) pipe.send(kStart, 1500);
  pipe.finish();
  const auto arrivals = pipe.delivered();
  ASSERT_EQ(arrivals.size(), 4U);
  EXPECT_EQ(arrivals[0].at, kStart);
  EXPECT_EQ(arrivals[1].at, kStart + 12ms);
  EXPECT_EQ(arrivals[3].at, kStart + 36ms);
}

TEST(Rate, OfAWireDelaysEvenTheFirstSmallPacket) {
  Pipe pipe(with_rate({.rate = {8'000}}));
  pipe.send(kStart, 50);
  pipe.finish();
  EXPECT_EQ(pipe.delivered().front().at, kStart + 50ms);
}

TEST(Rate, CountsBytesOnTheWire) {
  auto settings = with_rate({.rate = {848'000}});
  settings.overhead = {40, 0, Framing::kAtm};
  Pipe pipe(settings);
  pipe.send(kStart, 8);  // one cell
  pipe.finish();
  EXPECT_EQ(pipe.delivered().front().at, kStart + 500us);
}

TEST(Rate, DoesNotDependOnHowLateTheChainIsAsked) {
  Pipe prompt(with_rate({.rate = {1'000'000}}));
  Pipe late(with_rate({.rate = {1'000'000}}));
  for (int i = 0; i < 50; ++i) {
    prompt.send(kStart + i * 10ms);
    // No wake-ups between: the chain is asked by pushes alone.
    late.chain().push({.buffer = {static_cast<std::uint32_t>(i)}, .size = 1500}, kStart + i * 10ms);
  }
  prompt.finish();
  late.finish();
  EXPECT_EQ(prompt.delivered().back().at, late.delivered().back().at);
  EXPECT_EQ(prompt.delivered().size(), late.delivered().size());
}

TEST(Rate, WithoutALimitDelaysNothing) {
  Pipe pipe(Settings{});
  pipe.send_many(100, 1us);
  for (const auto& arrival : pipe.delivered()) EXPECT_EQ(arrival.at, kStart + arrival.number() * 1us);
  EXPECT_EQ(pipe.delivered().size(), 100U);
  EXPECT_EQ(pipe.chain().next_wakeup(), base::kNever);
}

}  // namespace
}  // namespace sennit::impair
