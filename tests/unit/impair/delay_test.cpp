#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "impair/delay_model.hpp"
#include "impair/normal.hpp"
#include "unit/impair/pipe.hpp"
#include "unit/impair/statistics.hpp"

namespace sennit::impair {
namespace {

using namespace std::chrono_literals;

// Delays in units of the jitter from the mean, of packets so far apart that none waits for another.
std::vector<double> deviations(DelaySettings delay, std::uint32_t count) {
  const double mean = base::to_seconds(delay.delay);
  const double jitter = base::to_seconds(delay.jitter);
  Pipe pipe({.delay = std::move(delay)});
  pipe.send_many(count, 1h);
  pipe.finish();
  std::vector<double> sample;
  for (const auto& arrival : pipe.delivered()) {
    sample.push_back((base::to_seconds(arrival.at - kStart - arrival.number() * 1h) - mean) / jitter);
  }
  return sample;
}

double pareto_cdf(double x) {
  const double y = x * std::numbers::sqrt3 / 2 + 1.5;
  return y < 1 ? 0 : 1 - std::pow(y, -3);
}

// By bisection of the quantile.
double paretonormal_cdf(double x) {
  double low = 1e-12;
  double high = 1 - 1e-12;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (quantile(Distribution::kParetoNormal, middle) < x ? low : high) = middle;
  }
  return (low + high) / 2;
}

double uniform_cdf(double x) {
  return std::clamp((x + 1) / 2, 0.0, 1.0);
}

TEST(Normal, QuantileAndDistributionFunctionAreInverse) {
  for (const double u : {1e-12, 1e-6, 0.02, 0.07, 0.0750001, 0.3, 0.5, 0.8, 0.925, 0.999, 1 - 1e-9}) {
    EXPECT_NEAR(normal_cdf(normal_quantile(u)) / u, 1, 1e-9) << u;
  }
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
}

TEST(Delay, WithoutJitterIsExact) {
  Pipe pipe({.delay = {.delay = 100ms}});
  pipe.send_many(100, 1ms);
  pipe.finish();
  for (const auto& arrival : pipe.delivered()) EXPECT_EQ(arrival.at, kStart + arrival.number() * 1ms + 100ms);
}

TEST(Delay, HasTheDistributionAskedFor) {
  const std::pair<Distribution, double (*)(double)> cases[] = {
      {Distribution::kUniform, uniform_cdf},
      {Distribution::kNormal, normal_cdf},
      {Distribution::kPareto, pareto_cdf},
      {Distribution::kParetoNormal, paretonormal_cdf}};
  for (const auto& [distribution, cdf] : cases) {
    const auto sample = deviations({.delay = 1s, .jitter = 100ms, .distribution = distribution}, 20'000);
    EXPECT_LT(ks_distance(sample, cdf), ks_limit(sample.size())) << static_cast<int>(distribution);
  }
}

TEST(Delay, HasTheMeanAndTheDeviationAskedFor) {
  for (const auto distribution : {Distribution::kNormal, Distribution::kParetoNormal}) {
    const auto sample = deviations({.delay = 1s, .jitter = 100ms, .distribution = distribution}, 100'000);
    double sum = 0;
    double squares = 0;
    for (const double x : sample) {
      sum += x;
      squares += x * x;
    }
    EXPECT_NEAR(sum / 1e5, 0, 0.02) << static_cast<int>(distribution);
    EXPECT_NEAR(squares / 1e5, 1, 0.1) << static_cast<int>(distribution);
  }
}

// Every tenth value of an autoregression with 0.5 has a correlation of 0.001: as good as independent.
TEST(Delay, WithCorrelationKeepsItsDistributionAndHasTheCorrelation) {
  const auto sample = deviations(
      {.delay = 1s, .jitter = 100ms, .distribution = Distribution::kNormal, .correlation = {0.5}}, 100'000);
  double product = 0;
  std::vector<double> apart;
  for (std::size_t i = 1; i < sample.size(); ++i) {
    product += sample[i] * sample[i - 1];
    if (i % 10 == 0) apart.push_back(sample[i]);
  }
  EXPECT_NEAR(product / 1e5, 0.5, 0.02);
  EXPECT_LT(ks_distance(apart, normal_cdf), ks_limit(apart.size()));
}

TEST(Delay, WithCorrelationKeepsOtherDistributionsToo) {
  const auto sample = deviations(
      {.delay = 1s, .jitter = 100ms, .distribution = Distribution::kPareto, .correlation = {0.5}}, 100'000);
  std::vector<double> apart;
  for (std::size_t i = 0; i < sample.size(); i += 10) apart.push_back(sample[i]);
  EXPECT_LT(ks_distance(apart, pareto_cdf), ks_limit(apart.size()));
}

TEST(Delay, FollowsATable) {
  // Three values of equal share, straight lines between: -1, 0 and 1 jitters.
  auto table = std::make_shared<const DelayTable>(std::get<DelayTable>(DelayTable::parse("-8192 0 8192\n")));
  EXPECT_DOUBLE_EQ(table->quantile(0), -1);
  EXPECT_DOUBLE_EQ(table->quantile(1.0 / 6), -1);
  EXPECT_DOUBLE_EQ(table->quantile(1.0 / 3), -0.5);
  EXPECT_DOUBLE_EQ(table->quantile(0.5), 0);
  EXPECT_DOUBLE_EQ(table->quantile(1), 1);
  const auto sample = deviations(
      {.delay = 1s, .jitter = 100ms, .distribution = Distribution::kTable, .table = table}, 20'000);
  // A sixth of all values lies at each end: the distribution function jumps there.
  const auto at_ends = std::ranges::count_if(sample, [](double x) { return std::abs(x) > 0.999999; });
  EXPECT_NEAR(static_cast<double>(at_ends) / 20'000, 1.0 / 3, 0.012);
}

TEST(Delay, TablesAreReadAsIproute2WritesThem) {
  const auto table = DelayTable::parse("# comment 12\n -100 5\r\n\n 32767\t-32768");
  ASSERT_TRUE(std::holds_alternative<DelayTable>(table));
  EXPECT_EQ(std::get<DelayTable>(table).size(), 4U);
  const std::pair<const char*, const char*> refused[] = {
      {"", "it has no entries"},
      {"# only\n", "it has no entries"},
      {"1 2\n3 x\n", "line 2 holds something else than numbers of -32768 to 32767"},
      {"32768", "line 1 holds something else than numbers of -32768 to 32767"},
      {"1.5", "line 1 holds something else than numbers of -32768 to 32767"}};
  for (const auto& [text, why] : refused) EXPECT_EQ(std::get<Refusal>(DelayTable::parse(text)).why, why);
}

TEST(Delay, IsNeverNegative) {
  const auto sample =
      deviations({.delay = 1ms, .jitter = 100ms, .distribution = Distribution::kNormal}, 1'000);
  for (const double x : sample) EXPECT_GE(x, -0.010001);
}

TEST(Delay, WithJitterReordersNothing) {
  for (const auto distribution : {Distribution::kUniform, Distribution::kPareto}) {
    Pipe pipe({.delay = {.delay = 50ms, .jitter = 30ms, .distribution = distribution}});
    pipe.send_many(10'000, 1ms);
    pipe.finish();
    const auto numbers = pipe.numbers();
    EXPECT_EQ(numbers.size(), 10'000U);
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
    EXPECT_EQ(pipe.chain().achieved().reordered, 0U);
  }
}

}  // namespace
}  // namespace sennit::impair
