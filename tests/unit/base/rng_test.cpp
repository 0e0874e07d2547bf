#include "base/rng.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace sennit::base {
namespace {

// The first outputs of the published SplitMix64 with seed 1234567.
TEST(Rng, IsSplitMix64) {
  Rng rng(1234567);
  EXPECT_EQ(rng(), 6457827717110365317U);
  EXPECT_EQ(rng(), 3203168211198807973U);
  EXPECT_EQ(rng(), 9817491932198370423U);
}

TEST(Rng, RepeatsItselfFromTheSameSeedOnly) {
  Rng a(5);
  Rng b(5);
  Rng c(6);
  for (int i = 0; i < 100; ++i) {
    const auto value = a();
    EXPECT_EQ(value, b());
    EXPECT_NE(value, c());
  }
}

TEST(Rng, StaysBelowItsBound) {
  Rng rng(7);
  for (const std::uint64_t bound : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1000}, Rng::max()}) {
    for (int i = 0; i < 1000; ++i) EXPECT_LT(rng.below(bound), bound);
  }
}

// Seed 8; each count is within five standard deviations of its mean, so that a fair generator fails 1 in 10^5
// seeds.
TEST(Rng, SpreadsEvenlyBelowItsBound) {
  constexpr int kDraws = 60000;
  Rng rng(8);
  std::array<int, 6> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts.at(rng.below(6));
  const double deviation = std::sqrt(kDraws * (1.0 / 6) * (5.0 / 6));
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 6, 5 * deviation);
}

// Seed 9; the mean of n draws has a standard deviation of sqrt(1/12n), and five of them are allowed.
TEST(Rng, DrawsUniformlyFromTheUnitInterval) {
  constexpr int kDraws = 100000;
  Rng rng(9);
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = rng.uniform();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(1.0 / (12 * kDraws)));
}

}  // namespace
}  // namespace sennit::base
