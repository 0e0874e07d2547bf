#include "link/moving_minimum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "base/rng.hpp"

namespace sennit::link {
namespace {

using namespace std::chrono_literals;
constexpr base::Instant kStart{100s};

TEST(MovingMinimum, IsEmptyAtFirst) {
  EXPECT_FALSE(MovingMinimum{}.value(kStart).has_value());
}

TEST(MovingMinimum, KeepsALowValueForHalfAMinute) {
  MovingMinimum least;
  least.add(5ms, kStart);
  for (int second = 1; second < 30; ++second) least.add(9ms, kStart + second * 1s);
  EXPECT_EQ(least.value(kStart + 30s), 5ms);
}

TEST(MovingMinimum, ForgetsAfterAMinuteSoThatANewRouteCounts) {
  MovingMinimum least;
  least.add(5ms, kStart);
  for (int second = 1; second <= 61; ++second) least.add(9ms, kStart + second * 1s);
  EXPECT_EQ(least.value(kStart + 61s), 9ms);
}

TEST(MovingMinimum, IsEmptyAgainWhenNothingIsAddedForAMinute) {
  MovingMinimum least;
  least.add(5ms, kStart);
  EXPECT_TRUE(least.value(kStart + 60s).has_value());
  EXPECT_FALSE(least.value(kStart + 61s).has_value());
}

// Reference model: the true minimum over a window of 30 s is never below, and that over 60 s never above,
// what is told.
TEST(MovingMinimum, LiesBetweenTheMinimaOfTheLastHalfAndTheLastFullMinute) {
  base::Rng rng(7);
  MovingMinimum least;
  std::deque<std::pair<base::Instant, base::Duration>> history;
  base::Instant now = kStart;
  for (int i = 0; i < 20'000; ++i) {
    now += std::chrono::milliseconds(rng.below(3000));
    const base::Duration value = std::chrono::microseconds(rng.below(100'000));
    least.add(value, now);
    history.emplace_back(now, value);
    while (now - history.front().first > 60s) history.pop_front();
    base::Duration half = base::Duration::max();
    base::Duration full = base::Duration::max();
    for (const auto& [time, sample] : history) {
      full = std::min(full, sample);
      if (now - time < 30s) half = std::min(half, sample);
    }
    ASSERT_TRUE(least.value(now).has_value());
    ASSERT_LE(*least.value(now), half);
    ASSERT_GE(*least.value(now), full);
  }
}

}  // namespace
}  // namespace sennit::link
