#include "impair/outage.hpp"

#include <gtest/gtest.h>

#include "unit/impair/pipe.hpp"
#include "unit/impair/statistics.hpp"

namespace sennit::impair {
namespace {

using namespace std::chrono_literals;

TEST(Outage, OfFixedPeriodsDropsWhatComesMeanwhile) {
  Pipe pipe({.outage = {.on = 5s, .off = 1s}});
  pipe.send_many(130, 100ms);
  pipe.finish();
  const auto dropped = pipe.with(Fate::kOutage);
  ASSERT_EQ(dropped.size(), 20U);
  EXPECT_EQ(dropped.front().number(), 50U);
  EXPECT_EQ(dropped[9].number(), 59U);
  EXPECT_EQ(dropped[10].number(), 110U);
  EXPECT_EQ(pipe.chain().achieved().outage_drops, 20U);
}

TEST(Outage, MayHoldPacketsUntilTheLineIsBack) {
  Pipe pipe({.outage = {.on = 5s, .off = 1s, .effect = OutageEffect::kHold}});
  pipe.send_many(70, 100ms);
  pipe.finish();
  ASSERT_EQ(pipe.delivered().size(), 70U);
  for (const auto& arrival : pipe.delivered()) {
    const auto sent = kStart + arrival.number() * 100ms;
    const bool is_held = arrival.number() >= 50 && arrival.number() < 60;
    EXPECT_EQ(arrival.at, is_held ? kStart + 6s : sent) << arrival.number();
  }
}

TEST(Outage, AnswersTheSameHoweverOftenItIsAsked) {
  base::Rng rng_often(7);
  base::Rng rng_seldom(7);
  const OutageSettings settings{.on = 1s, .off = 300ms, .periods = OutagePeriods::kExponential};
  Outage often(settings, kStart, rng_often);
  Outage seldom(settings, kStart, rng_seldom);
  for (int i = 0; i < 100'000; ++i) {
    const auto at = kStart + i * 10ms;
    const auto answer = often.next_on(at, rng_often);
    if (i % 97 > 0) continue;
    EXPECT_EQ(answer, seldom.next_on(at, rng_seldom)) << i;
  }
}

TEST(Outage, OfFixedPeriodsIsFoundAtOnceAfterAYear) {
  base::Rng rng(7);
  Outage outage({.on = 5ms, .off = 1ms}, kStart, rng);
  EXPECT_EQ(outage.next_on(kStart + 24h * 365 + 5ms, rng), kStart + 24h * 365 + 6ms);
  EXPECT_EQ(outage.next_on(kStart + 24h * 365 + 6ms, rng), kStart + 24h * 365 + 6ms);
}

TEST(Outage, OfRandomPeriodsIsOnForItsShareAfterLongSilences) {
  base::Rng rng(13);
  Outage outage({.on = 3us, .off = 1us, .periods = OutagePeriods::kExponential}, kStart, rng);
  constexpr int kTimes = 10'000;
  int on = 0;
  for (int i = 1; i <= kTimes; ++i) {
    const auto at = kStart + i * 1h;  // drawn one by one, these periods would take days
    if (outage.next_on(at, rng) == at) ++on;
  }
  // Within four standard deviations: one seed in 16,000 is outside.
  EXPECT_NEAR(on, 0.75 * kTimes, 4 * std::sqrt(0.75 * 0.25 * kTimes));
}

TEST(Outage, OfRandomPeriodsIsExponential) {
  base::Rng rng(11);
  Outage outage({.on = 1s, .off = 1s, .periods = OutagePeriods::kExponential}, kStart, rng);
  std::vector<double> lengths;
  for (auto at = kStart; lengths.size() < 2'000; at += 1ms) {
    const auto back = outage.next_on(at, rng);
    if (back == at) continue;
    lengths.push_back(base::to_seconds(back - at));
    at = back;
  }
  EXPECT_LT(ks_distance(lengths, [](double x) { return 1 - std::exp(-x); }), ks_limit(lengths.size()));
}

}  // namespace
}  // namespace sennit::impair
