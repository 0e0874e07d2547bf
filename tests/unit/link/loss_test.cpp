#include "link/loss.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace sennit::link {
namespace {

// Reports every 25 datagrams of a stream of which a share is lost; returns the last estimate.
double estimate_after(std::uint32_t first_counter, double share, std::uint64_t seed) {
  base::Rng rng(seed);
  LossEstimator loss;
  std::uint32_t expected = first_counter;
  std::uint32_t received = first_counter;
  for (int i = 0; i < 20'000; ++i) {
    ++expected;
    if (rng.uniform() >= share) ++received;
    if (i % 25 == 24) loss.report(received, expected);
  }
  return loss.loss();
}

TEST(LossEstimator, ConvergesToTheTrueShare) {
  // Weight 0.05 a report of 25 gives a standard error of sqrt(p(1-p)/25 * 0.05/1.95): 1.5 % at p = 0.3; four
  // of them.
  for (const double share : {0.0, 0.01, 0.1, 0.3, 1.0}) EXPECT_NEAR(estimate_after(0, share, 3), share, 0.06);
}

TEST(LossEstimator, SurvivesTheWrapOfItsCounters) {
  EXPECT_EQ(estimate_after(0xFFFF'F000U, 0.0, 1), 0.0);
  EXPECT_NEAR(estimate_after(0xFFFF'F000U, 0.3, 5), 0.3, 0.06);
}

TEST(LossEstimator, TakesItsFirstReportAsTheBeginning) {
  LossEstimator loss;
  loss.report(10, 1000);
  EXPECT_EQ(loss.loss(), 0.0);
}

TEST(LossEstimator, IgnoresAReportThatWasOvertaken) {
  LossEstimator loss;
  loss.report(0, 0);
  loss.report(1000, 1000);
  loss.report(100, 500);
  EXPECT_EQ(loss.loss(), 0.0);
  loss.report(2000, 2000);
  EXPECT_EQ(loss.loss(), 0.0);
}

TEST(LossEstimator, DoesNotTakeReorderingForLoss) {
  LossEstimator loss;
  loss.report(0, 0);
  loss.report(400, 500);
  loss.report(1100, 1000);  // the hundred came late
  EXPECT_LE(loss.loss(), 0.2);
  loss.report(2000, 1900);  // more than was expected never becomes negative loss
  EXPECT_GE(loss.loss(), 0.0);
}

TEST(LossEstimator, BeginsAgainWithANewSession) {
  LossEstimator loss;
  loss.report(5000, 5000);
  loss.restart();
  loss.report(0, 0);
  loss.report(250, 500);
  EXPECT_DOUBLE_EQ(loss.loss(), 0.5);
}

}  // namespace
}  // namespace sennit::link
