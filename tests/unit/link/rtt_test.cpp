#include "link/rtt.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace sennit::link {
namespace {

using namespace std::chrono_literals;
constexpr base::Instant kStart{100s};

TEST(RttEstimator, TakesTheFirstMeasurementWhole) {
  RttEstimator rtt;
  EXPECT_FALSE(rtt.known());
  rtt.add(40ms, kStart);
  EXPECT_TRUE(rtt.known());
  EXPECT_EQ(rtt.smoothed(), 40ms);
  EXPECT_EQ(rtt.variation(), 20ms);
  EXPECT_EQ(rtt.latest(), 40ms);
}

TEST(RttEstimator, SmoothsByTheGainsOfRfc6298) {
  RttEstimator rtt;
  rtt.add(40ms, kStart);
  rtt.add(80ms, kStart + 1s);
  EXPECT_EQ(rtt.variation(), (3 * 20ms + 40ms) / 4);
  EXPECT_EQ(rtt.smoothed(), (7 * 40ms + 80ms) / 8);
}

TEST(RttEstimator, ConvergesToASteadyRoundTrip) {
  RttEstimator rtt;
  rtt.add(500ms, kStart);
  for (int i = 1; i <= 100; ++i) rtt.add(30ms, kStart + i * 100ms);
  EXPECT_NEAR(base::to_milliseconds(rtt.smoothed()), 30.0, 0.1);
  EXPECT_LT(rtt.variation(), 1ms);
}

TEST(RttEstimator, WaitsASecondBeforeTheFirstMeasurementAndNeverLessThanTheFloorLater) {
  RttEstimator rtt;
  EXPECT_EQ(rtt.timeout(50ms), 1s);
  rtt.add(40ms, kStart);
  EXPECT_EQ(rtt.timeout(50ms), 120ms);
  EXPECT_EQ(rtt.timeout(300ms), 300ms);
}

TEST(RttEstimator, WaitsNotMuchLongerAfterDatagramsThatWereHeldUp) {
  RttEstimator rtt;
  for (int i = 0; i < 20; ++i) rtt.add(40ms, kStart + i * 1s);
  rtt.add(10s, kStart + 30s);
  EXPECT_LE(rtt.timeout(50ms), 3s);
}

TEST(RttEstimator, WaitsLongEnoughForASatelliteAndForAQueueOfSeconds) {
  for (const base::Duration usual : {600ms, 3000ms}) {
    RttEstimator rtt;
    for (int i = 0; i < 60; ++i) rtt.add(usual + (i % 2) * usual / 3, kStart + i * 1s);
    EXPECT_GE(rtt.timeout(50ms), usual + usual / 2) << base::to_milliseconds(usual);
  }
}

TEST(RttEstimator, KnowsTheLeastOfTheLastMinuteOnly) {
  RttEstimator rtt;
  EXPECT_EQ(rtt.minimum(kStart), 0ms);
  rtt.add(10ms, kStart);
  for (int second = 1; second <= 90; ++second) rtt.add(25ms, kStart + second * 1s);
  EXPECT_EQ(rtt.minimum(kStart + 90s), 25ms);
}

TEST(RttEstimator, FallsBackToTheLatestMeasurementAfterALongSilence) {
  RttEstimator rtt;
  rtt.add(10ms, kStart);
  rtt.add(35ms, kStart + 1s);
  EXPECT_EQ(rtt.minimum(kStart + 1h), 35ms);
}

}  // namespace
}  // namespace sennit::link
