// Capacity at work on model lines. Each test is a line with what is right for it; seeds are fixed, and what
// is asserted holds for a good estimate whatever its constants.
#include "link/capacity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/link/line_model.hpp"

namespace sennit::link {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kTolerance = 0.08;

double found(const LineModel& model) {
  return static_cast<double>(model.capacity.capacity().bits_per_second);
}

void expect_found(const LineModel& model, double rate) {
  EXPECT_NEAR(found(model), rate, kTolerance * rate);
}

// What a line carries is found, is used, and stays without a long queue, once `settling` has passed.
void expect_settled(LineModel& model, double offered, double rate, Limit limit,
                    base::Duration settling = 4s) {
  model.run(offered, settling);
  model.take();
  model.run(offered, 10s);
  const auto seen = model.take();
  expect_found(model, rate);
  EXPECT_NEAR(seen.goodput, rate, kTolerance * rate);
  EXPECT_LT(seen.queue_ms, 30);
  EXPECT_GT(seen.saturated, 0.9);
  EXPECT_THAT(seen.limits, ElementsAre(limit));
  EXPECT_EQ(seen.foreign, 0U);
}

struct Case {
  std::string what;
  Line line;
  double offered = 0;
};

TEST(Capacity, IsFoundWhereWhatIsTooMuchWaits) {
  const std::vector<Case> cases = {
      {"10 Mbit/s, a second of buffer", {.rate = 10e6}, 30e6},
      {"2 Mbit/s, 100 ms of buffer", {.rate = 2e6, .buffer = 100ms}, 30e6},
      {"100 Mbit/s, a second of buffer", {.rate = 100e6}, 300e6},
      {"10 Mbit/s, 60 ms of buffer", {.rate = 10e6, .buffer = 60ms}, 30e6},
      {"20 Mbit/s, far away", {.rate = 20e6, .buffer = 300ms, .delay = 60ms}, 60e6},
      {"10 Mbit/s, only just exceeded", {.rate = 10e6}, 11e6},
      {"10 Mbit/s, losing one in a hundred", {.rate = 10e6, .loss = 0.01}, 30e6},
  };
  for (const auto& [what, line, offered] : cases) {
    SCOPED_TRACE(what);
    LineModel model(line, 1);
    expect_settled(model, offered, line.rate, Limit::kQueue);
  }
}

TEST(Capacity, IsFoundWhereWhatIsTooMuchIsDropped) {
  const std::vector<Case> cases = {
      {"policed at 10 of 100 Mbit/s", {.rate = 100e6, .policed = 10e6}, 30e6},
      {"policed at 20 of 1000 Mbit/s", {.rate = 1000e6, .policed = 20e6}, 60e6},
      {"policed at 5 of 50 Mbit/s, far away", {.rate = 50e6, .delay = 50ms, .policed = 5e6}, 10e6},
  };
  for (const auto& [what, line, offered] : cases) {
    SCOPED_TRACE(what);
    LineModel model(line, 2);
    expect_settled(model, offered, line.policed, Limit::kPolicer, 8s);
  }
}

TEST(Capacity, IsFoundOnALineThatHardlyBuffers) {
  LineModel model({.rate = 10e6, .buffer = 5ms}, 3);
  model.run(30e6, 8s);
  model.take();
  model.run(30e6, 10s);
  const auto seen = model.take();
  expect_found(model, 10e6);
  EXPECT_NEAR(seen.goodput, 10e6, kTolerance * 10e6);
  EXPECT_GT(seen.saturated, 0.8) << "by whichever limit";
}

TEST(Capacity, IsNeverClaimedOfALineThatIsNotFull) {
  const std::vector<Case> cases = {
      {"half used", {.rate = 20e6}, 10e6},
      {"half used, losing one in fifty", {.rate = 20e6, .loss = 0.02}, 10e6},
      {"half used, losing one in ten", {.rate = 20e6, .loss = 0.1}, 10e6},
      {"a trickle", {.rate = 20e6}, 100e3},
      {"a trickle, losing one in ten", {.rate = 20e6, .loss = 0.1}, 100e3},
  };
  for (const auto& [what, line, offered] : cases) {
    SCOPED_TRACE(what);
    LineModel model(line, 4);
    model.run(offered, 5s);
    model.take();
    model.run(offered, 20s);
    const auto seen = model.take();
    EXPECT_THAT(seen.limits, IsEmpty());
    EXPECT_EQ(seen.foreign, 0U);
    EXPECT_GT(seen.goodput, 0.9 * offered * (1 - line.loss)) << "and nothing is held back";
  }
}

// A trial would have it wait for a second and more.
TEST(Capacity, DoesNotHoldACallBackWhereALineBeginsToLose) {
  for (const double loss : {0.1, 0.3, 0.6}) {
    SCOPED_TRACE(loss);
    LineModel model({.rate = 20e6}, 4);
    model.run(400e3, 3s);
    model.change({.rate = 20e6, .loss = loss});
    for (int i = 0; i < 40; ++i) {
      model.run(400e3, 250ms);
      EXPECT_EQ(model.capacity.rate(), base::BitRate{}) << "after " << 250 * (i + 1) << " ms";
    }
  }
}

// A trial takes its time, and may be misled; what counts is what comes through in most runs.
TEST(Capacity, FindsOutSoonThatALossIsTheLinesOwn) {
  constexpr int kRuns = 20;
  for (const double offered : {2e6, 5e6, 10e6}) {
    for (const double loss : {0.15, 0.3}) {
      double goodput = 0;
      for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
        LineModel model({.rate = 50e6}, seed);
        model.run(offered, 3s);
        model.change({.rate = 50e6, .loss = loss});
        model.run(offered, 1750ms);
        model.take();
        model.run(offered, 3s);
        goodput += model.take().goodput / kRuns;
      }
      EXPECT_GT(goodput, 0.85 * (1 - loss) * offered) << offered << " bit/s, loss " << loss;
    }
  }
}

// The two kinds of loss together: what is held back because of the policer still loses.
TEST(Capacity, IsNotLostWhereAPolicedLineLosesByItself) {
  for (const double policed : {3e6, 12e6, 40e6}) {
    for (const double share : {1.1, 2.0, 4.0}) {
      SCOPED_TRACE(testing::Message() << policed << " bit/s, offered " << share << " times");
      LineModel model({.rate = 1e9, .loss = 0.05, .policed = policed}, 3);
      model.run(share * policed, 15s);
      model.take();
      model.run(share * policed, 15s);
      EXPECT_GT(model.take().goodput, 0.8 * policed);
    }
  }
}

TEST(Capacity, StaysWithinWhatWasToldWhereALossProvesToBeTheLinesOwn) {
  const base::BitRate told{60'000'000};
  LineModel model({.rate = 1e9, .loss = 0.05, .policed = 40e6}, 3);
  model.capacity.tell(told);
  for (int i = 0; i < 300; ++i) {
    model.run(80e6, 100ms);
    EXPECT_GT(model.capacity.rate(), base::BitRate{});
    EXPECT_LE(model.capacity.rate(), told);
  }
}

// The queue was there before the rate was lowered, and takes its time to go.
TEST(Capacity, IsNotMistakenForForeignDelayWhereTheQueueIsDeep) {
  const std::vector<Case> cases = {
      {"2 Mbit/s, a second of buffer", {.rate = 2e6}, 30e6},
      {"20 Mbit/s, 200 ms of buffer, shared", {.rate = 20e6, .buffer = 200ms, .cross = 8e6}, 60e6},
      {"20 Mbit/s, a second of buffer, shared", {.rate = 20e6, .cross = 8e6}, 60e6},
  };
  for (const auto& [what, line, offered] : cases) {
    SCOPED_TRACE(what);
    LineModel model(line, 13);
    model.run(offered, 15s);
    EXPECT_EQ(model.take().foreign, 0U);
    model.run(offered, 5s);
    EXPECT_LT(model.take().queue_ms, 40);
  }
}

TEST(Capacity, FollowsALineThatHalves) {
  LineModel model({.rate = 20e6}, 5);
  model.run(60e6, 8s);
  expect_found(model, 20e6);
  model.change({.rate = 10e6});
  expect_settled(model, 60e6, 10e6, Limit::kQueue, 3s);
}

TEST(Capacity, FollowsALineThatDoubles) {
  LineModel model({.rate = 10e6}, 6);
  model.run(60e6, 8s);
  expect_found(model, 10e6);
  model.change({.rate = 20e6});
  expect_settled(model, 60e6, 20e6, Limit::kQueue, 8s);
}

TEST(Capacity, TakesALongerRouteForADelayThatIsNotItsOwn) {
  for (const double offered : {8e6, 60e6}) {
    SCOPED_TRACE(offered);
    LineModel model({.rate = 20e6, .delay = 10ms}, 7);
    model.run(offered, 8s);
    model.change({.rate = 20e6, .delay = 60ms});
    model.run(offered, 15s);
    model.take();
    model.run(offered, 10s);
    const auto seen = model.take();
    EXPECT_NEAR(seen.goodput, std::min(offered, 20e6), kTolerance * 20e6);
    EXPECT_EQ(seen.limits.empty(), offered < 20e6);
  }
}

TEST(Capacity, IsUsedAgainSoonAfterAFullLineTakesALongerRoute) {
  for (const auto longer : {5ms, 20ms, 50ms}) {
    SCOPED_TRACE(longer.count());
    LineModel model({.rate = 20e6, .delay = 10ms}, 10);
    model.run(60e6, 8s);
    model.change({.rate = 20e6, .delay = 10ms + longer});
    model.run(60e6, 3s);
    model.take();
    model.run(60e6, 2s);
    EXPECT_NEAR(model.take().goodput, 20e6, kTolerance * 20e6);
  }
}

// A delay that comes with the first little traffic looks like the queue of a line that carries no more.
TEST(Capacity, IsNotHeldWhereTheFirstTrafficMeetsALongerRoute) {
  for (const double first : {1e6, 2e6}) {
    for (const double share : {0.8, 1.2}) {  // a part of what is allowed; more than that
      SCOPED_TRACE(testing::Message() << first << " bit/s, then " << share << " of what is allowed");
      LineModel model({.rate = 10e6, .delay = 2ms}, 7);
      model.run(20e3, 3s);
      model.change({.rate = 10e6, .delay = 22ms});
      model.run(first, 600ms);
      for (int i = 0; i < 100; ++i) {
        const auto allowed = static_cast<double>(model.capacity.rate().bits_per_second);
        model.run(allowed > 0 ? std::min(share * allowed, 20e6) : first, 100ms);
      }
      model.run(60e6, 5s);
      model.take();
      model.run(60e6, 3s);
      EXPECT_NEAR(model.take().goodput, 10e6, kTolerance * 10e6);
    }
  }
}

// As of a radio line, which takes longer to grant when more is sent: it looks like a small queue at any rate.
TEST(Capacity, IsFoundWhereTheDelayRisesALittleWithTheLoad) {
  for (const double rate : {20e6, 40e6}) {
    for (const double first : {0.3, 0.6, 0.8}) {
      SCOPED_TRACE(testing::Message() << first << " of " << rate << " bit/s at first");
      LineModel model({.rate = rate, .delay = 10ms}, 7);
      model.run(20e3, 3s);
      model.change({.rate = rate, .delay = 14ms});
      model.run(first * rate, 1s);
      model.run(60e6, 3s);
      model.take();
      model.run(60e6, 1s);
      EXPECT_GT(model.take().goodput, 0.9 * rate);
    }
  }
}

// A path held too low by mistake, whose traffic goes over other paths instead of waiting for it.
TEST(Capacity, IsFoundWherePacketsGoElsewhereInsteadOfWaiting) {
  LineModel model({.rate = 20e6, .delay = 10ms}, 7);
  model.run(20e3, 3s);
  model.change({.rate = 20e6, .delay = 16ms});
  model.run(6e6, 1s);
  ASSERT_NEAR(found(model), 6e6, 1e6);
  model.change({.rate = 20e6, .delay = 10ms, .has_others = true});
  model.run(12e6, 4s);
  model.take();
  model.run(12e6, 2s);
  const auto seen = model.take();
  EXPECT_GT(seen.goodput, 11e6);
  EXPECT_THAT(seen.limits, IsEmpty());
}

TEST(Capacity, TakesADelayThatASilenceDoesNotEndForALongerRouteAtOnce) {
  LineModel model({.rate = 10e6, .delay = 2ms}, 12);
  model.run(120e3, 2s);  // a packet in 100 ms
  model.change({.rate = 10e6, .delay = 42ms});
  model.run(120e3, 350ms);
  EXPECT_EQ(model.take().foreign, 1U);
  model.change({.rate = 10e6, .delay = 42ms, .cross = 15e6});
  model.run(120e3, 300ms);
  EXPECT_EQ(model.take().foreign, 0U) << "a queue that grows is not to be believed";
}

TEST(Capacity, IsNotForgottenWhereALongerRouteKeepsTrafficAway) {
  LineModel model({.rate = 20e6, .delay = 10ms}, 11);
  model.run(60e6, 8s);
  model.change({.rate = 20e6, .delay = 110ms});
  model.run(100e3, 3s);
  expect_found(model, 20e6);
  EXPECT_EQ(model.take().foreign, 1U);
}

// What comes in bursts loses although it is less than what the policer lets through.
TEST(Capacity, IsFoundWithinSecondsWhereAPolicerDropsBursts) {
  LineModel model({.rate = 100e6, .policed = 12e6}, 14);
  for (int i = 0; i < 12; ++i) {
    model.run(40e6, 10ms);
    model.run(0.2e6, 20ms);
  }
  EXPECT_LT(model.take().goodput, 10e6);
  model.run(60e6, 2500ms);
  for (int i = 0; i < 10; ++i) {
    model.run(60e6, 1s);
    EXPECT_NEAR(static_cast<double>(model.capacity.capacity().bits_per_second), 12e6, 0.08 * 12e6);
  }
  EXPECT_EQ(model.take().limits, std::vector<Limit>{Limit::kPolicer});
}

TEST(Capacity, IsWhatSomebodyElseLeaves) {
  LineModel model({.rate = 20e6, .buffer = 60ms, .cross = 8e6}, 8);
  model.run(60e6, 5s);
  model.take();
  model.run(60e6, 10s);
  const auto seen = model.take();
  EXPECT_NEAR(seen.goodput, 12e6, 0.15 * 12e6);
  EXPECT_LT(seen.queue_ms, 40);
  EXPECT_GT(seen.saturated, 0.8);
}

TEST(Capacity, NeverExceedsWhatWasTold) {
  LineModel model({.rate = 20e6}, 9);
  model.capacity.tell({5'000'000});
  EXPECT_EQ(model.capacity.rate(), base::BitRate{5'000'000});
  for (int i = 0; i < 100; ++i) {
    model.run(60e6, 100ms);
    ASSERT_LE(model.capacity.rate().bits_per_second, 5'000'000U);
    ASSERT_GT(model.capacity.rate().bits_per_second, 0U) << "zero is without a limit";
  }
  const auto seen = model.take();
  EXPECT_NEAR(seen.goodput, 5e6, kTolerance * 5e6);
  EXPECT_THAT(seen.limits, ElementsAre(Limit::kTold));
}

TEST(Capacity, IsLessThanWhatWasToldWhereTheLineIs) {
  LineModel model({.rate = 4e6}, 10);
  model.capacity.tell({5'000'000});
  model.run(60e6, 5s);
  model.take();
  model.run(60e6, 10s);
  EXPECT_LT(model.take().queue_ms, 40);
  expect_found(model, 4e6);
}

TEST(Capacity, IsBelievedToBeBetterAgainAfterAPause) {
  LineModel model({.rate = 20e6}, 11);
  model.run(60e6, 8s);
  model.change({.rate = 2e6});
  model.run(60e6, 8s);
  expect_found(model, 2e6);
  model.run(0, 60s);
  EXPECT_GT(found(model), 15e6);
  EXPECT_LT(found(model), 25e6) << "but not than it ever was";
  EXPECT_EQ(model.capacity.saturation(model.now()), Limit::kNone);
}

TEST(Capacity, IsForgottenWithTheRouteButNotWhatWasTold) {
  LineModel model({.rate = 10e6}, 12);
  model.run(30e6, 5s);
  model.capacity.restart();
  EXPECT_EQ(model.capacity.rate(), base::BitRate{});
  EXPECT_EQ(model.capacity.capacity(), base::BitRate{});
  EXPECT_EQ(model.capacity.saturation(model.now()), Limit::kNone);
  model.capacity.tell({3'000'000});
  model.capacity.restart();
  EXPECT_EQ(model.capacity.rate(), base::BitRate{3'000'000});
}

TEST(Limit, HasANameForEach) {
  EXPECT_EQ(to_string(Limit::kNone), "none");
  EXPECT_EQ(to_string(Limit::kQueue), "queue");
  EXPECT_EQ(to_string(Limit::kPolicer), "policer");
  EXPECT_EQ(to_string(Limit::kTold), "told");
}

}  // namespace
}  // namespace sennit::link
