#include "outbound/codel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace sennit::outbound {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kStart{1h};
constexpr CoDel::Parameters kUsual{5ms, 100ms};

enum class Position { kFollowed, kLast };

// The times, from the start, at which one of the packets that leave every millisecond was dropped.
std::vector<base::Duration> drops(CoDel& codel, base::Duration waited, base::Duration from,
                                  base::Duration until, Position position = Position::kFollowed) {
  std::vector<base::Duration> times;
  for (auto at = from; at < until; at += 1ms)
    if (codel.drops(waited, position == Position::kLast, kUsual, kStart + at)) times.push_back(at);
  return times;
}

TEST(CoDel, DropsNothingThatWaitedLessThanTheTarget) {
  CoDel codel;
  EXPECT_TRUE(drops(codel, kUsual.target - 1ns, 0ms, 60s).empty());
}

TEST(CoDel, DropsNothingWhereAQueueIsGoneWithinAnInterval) {
  CoDel codel;
  for (int burst = 0; burst < 100; ++burst) {
    const auto begin = burst * 200ms;
    EXPECT_TRUE(drops(codel, 50ms, begin, begin + kUsual.interval).empty()) << burst;
    EXPECT_TRUE(drops(codel, 1ms, begin + kUsual.interval, begin + 200ms).empty()) << burst;
  }
}

TEST(CoDel, DropsNothingThatNothingFollows) {
  CoDel codel;
  EXPECT_TRUE(drops(codel, 1s, 0ms, 10s, Position::kLast).empty());
}

TEST(CoDel, DropsOnceTheQueueHasStoodForAnInterval) {
  CoDel codel;
  const auto times = drops(codel, 20ms, 0ms, 150ms);
  ASSERT_EQ(times.size(), 1U);
  EXPECT_EQ(times[0], kUsual.interval);
}

// RFC 8289 section 4.4: the distance between drops is the interval over the square root of their number; but
// a flow needs most of an interval to answer.
TEST(CoDel, DropsMoreOftenWhileTheQueueStandsButNotBeforeAFlowCanAnswer) {
  CoDel codel;
  const auto times = drops(codel, 20ms, 0ms, 3s);
  ASSERT_GT(times.size(), 30U);
  auto expected = kUsual.interval;
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_NEAR(base::to_milliseconds(times[i]), base::to_milliseconds(expected), 1.0) << i;
    const auto by_law = 1e8 / std::sqrt(static_cast<double>(i + 1));
    expected += base::Duration(static_cast<std::int64_t>(std::max(by_law, 75e6)));
  }
}

TEST(CoDel, StopsAtOnceWhenTheQueueIsShort) {
  CoDel codel;
  drops(codel, 20ms, 0ms, 1s);
  EXPECT_TRUE(drops(codel, 1ms, 1s, 1010ms).empty());
  EXPECT_TRUE(drops(codel, 20ms, 1010ms, 1110ms).empty()) << "and waits for an interval again";
}

// RFC 8289 section 5.4.
TEST(CoDel, BeginsAgainNearTheRateItEndedWithOnlyIfThatWasLately) {
  const auto second_distance_after = [](base::Duration pause) {
    CoDel codel;
    drops(codel, 20ms, 0ms, 3s);
    drops(codel, 1ms, 3s, 3s + pause);
    const auto times = drops(codel, 20ms, 3s + pause, 3600ms + pause);
    return times.at(1) - times.at(0);
  };
  EXPECT_NEAR(base::to_milliseconds(second_distance_after(50ms)), 75, 1);
  EXPECT_NEAR(base::to_milliseconds(second_distance_after(10s)), 100, 1);
}

}  // namespace
}  // namespace sennit::outbound
