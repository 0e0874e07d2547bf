#include "base/traffic.hpp"

#include <gtest/gtest.h>

namespace sennit::base {
namespace {

Instant at(double seconds) {
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)));
}

TEST(TrafficCounter, AddsUpTotals) {
  TrafficCounter counter;
  counter.add(2, {300}, at(0.1));
  counter.add(1, {100}, at(99.0));
  EXPECT_EQ(counter.packets(), 3U);
  EXPECT_EQ(counter.bytes(), Bytes{400});
}

TEST(TrafficCounter, SaysTheRateOfTheLastCompleteSecondOnly) {
  TrafficCounter counter;
  counter.add(1, {1000}, at(5.0));
  counter.add(1, {1000}, at(5.999));
  EXPECT_EQ(counter.rate(at(5.999)), BitRate{0});
  EXPECT_EQ(counter.rate(at(6.0)), BitRate{16000});
  counter.add(1, {7}, at(6.5));
  EXPECT_EQ(counter.rate(at(6.999)), BitRate{16000});
  EXPECT_EQ(counter.rate(at(7.0)), BitRate{56});
  EXPECT_EQ(counter.rate(at(8.0)), BitRate{0});
}

TEST(TrafficCounter, KeepsMeanAndMaximumOfTenSeconds) {
  TrafficCounter counter;
  for (int second = 0; second < 10; ++second) {
    counter.add(1, {100U * static_cast<unsigned>(second + 1)}, at(second + 0.5));
  }
  EXPECT_EQ(counter.rate_mean(at(10.0)), BitRate{5500 * 8 / 10});
  EXPECT_EQ(counter.rate_max(at(10.0)), BitRate{8000});
  // One second later the first slot is out of sight, and a silent one has come.
  EXPECT_EQ(counter.rate_mean(at(11.0)), BitRate{5400 * 8 / 10});
  EXPECT_EQ(counter.rate_max(at(19.9)), BitRate{8000});
  EXPECT_EQ(counter.rate_mean(at(19.9)), BitRate{1000 * 8 / 10});
  EXPECT_EQ(counter.rate_max(at(20.0)), BitRate{0});
  EXPECT_EQ(counter.rate_mean(at(20.0)), BitRate{0});
}

TEST(TrafficCounter, LeavesTheSecondUnderWayOutOfMeanAndMaximum) {
  TrafficCounter counter;
  counter.add(1, {5000}, at(3.2));
  EXPECT_EQ(counter.rate_max(at(3.9)), BitRate{0});
  EXPECT_EQ(counter.rate_mean(at(3.9)), BitRate{0});
  EXPECT_EQ(counter.rate_max(at(4.0)), BitRate{40000});
}

TEST(TrafficCounter, ForgetsOldSlotsAfterASilenceOfAnyLength) {
  for (const int silence : {1, 5, 10, 11, 12, 22, 1000000}) {
    TrafficCounter counter;
    counter.add(1, {100}, at(1.5));
    counter.add(1, {10}, at(1.5 + silence));
    const auto now = at(2.5 + silence);
    EXPECT_EQ(counter.rate(now), BitRate{80}) << silence;
    EXPECT_EQ(counter.rate_max(now), BitRate{silence < 10 ? 800U : 80U}) << silence;
  }
}

TEST(TrafficCounter, IsEmptyAtFirst) {
  const TrafficCounter counter;
  EXPECT_EQ(counter.rate(at(0)), BitRate{0});
  EXPECT_EQ(counter.rate_mean(at(0)), BitRate{0});
  EXPECT_EQ(counter.rate_max(at(1000)), BitRate{0});
}

}  // namespace
}  // namespace sennit::base
