#include "outbound/fragment.hpp"

#include <gtest/gtest.h>

namespace sennit::outbound {
namespace {

TEST(PlanFragments, CoversEveryPacketWithFewestPiecesOfNearlyEqualSize) {
  for (std::uint64_t size = 1; size <= 3000; size += 7) {
    for (const std::uint64_t largest : {400U, 500U, 999U, 1220U, 1240U, 5000U}) {
      const auto plan = plan_fragments({size}, {largest});
      ASSERT_TRUE(plan.has_value());
      EXPECT_EQ(plan->count, (size + largest - 1) / largest);
      EXPECT_LE(plan->piece, largest);
      const auto in_front_of_last = (plan->count - 1U) * plan->piece;
      EXPECT_LT(in_front_of_last, size);
      EXPECT_LE(size - in_front_of_last, plan->piece);
    }
  }
}

TEST(PlanFragments, RefusesWhatTakesMoreThanEightPieces) {
  EXPECT_TRUE(plan_fragments({8000}, {1000}).has_value());
  EXPECT_FALSE(plan_fragments({8001}, {1000}).has_value());
}

TEST(PlanFragments, RefusesWhereNothingFits) {
  EXPECT_FALSE(plan_fragments({100}, {0}).has_value());
  EXPECT_FALSE(plan_fragments({0}, {100}).has_value());
}

}  // namespace
}  // namespace sennit::outbound
