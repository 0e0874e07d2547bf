#include "impair/interval.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace sennit::impair {
namespace {

TEST(Interval, HasItsClosedFormsAtTheEnds) {
  const auto none = clopper_pearson({0, 10}, {0.95});
  EXPECT_EQ(none.low.value, 0);
  EXPECT_NEAR(none.high.value, 1 - std::pow(0.025, 0.1), 1e-12);
  const auto all = clopper_pearson({10, 10}, {0.95});
  EXPECT_NEAR(all.low.value, std::pow(0.025, 0.1), 1e-12);
  EXPECT_EQ(all.high.value, 1);
}

// The textbook's 95 % interval of 4 in 20.
TEST(Interval, AgreesWithAPublishedValue) {
  const auto interval = clopper_pearson({4, 20}, {0.95});
  EXPECT_NEAR(interval.low.value, 0.0573, 1e-4);
  EXPECT_NEAR(interval.high.value, 0.4366, 1e-4);
}

TEST(Interval, OfNothingIsEverything) {
  EXPECT_EQ(clopper_pearson({0, 0}).low.value, 0);
  EXPECT_EQ(clopper_pearson({0, 0}).high.value, 1);
}

TEST(Interval, OfManyTrialsIsAboutThatOfTheNormalDistribution) {
  const auto interval = clopper_pearson({10'000, 1'000'000}, {0.99});
  const double half = 2.5758 * std::sqrt(0.01 * 0.99 / 1e6);
  EXPECT_NEAR(interval.low.value, 0.01 - half, 4e-6);
  EXPECT_NEAR(interval.high.value, 0.01 + half, 4e-6);
}

}  // namespace
}  // namespace sennit::impair
