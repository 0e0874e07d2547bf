#include "impair/loss.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "impair/interval.hpp"
#include "unit/impair/statistics.hpp"

namespace sennit::impair {
namespace {

constexpr std::uint64_t kSeed = 20261122;

std::vector<bool> draw(const LossSettings& settings, std::size_t count) {
  Loss loss(settings);
  base::Rng rng(kSeed);
  std::vector<bool> outcomes(count);
  for (std::size_t i = 0; i < count; ++i) outcomes[i] = loss.next(rng);
  return outcomes;
}

Count count_of(const std::vector<bool>& outcomes) {
  return {static_cast<std::uint64_t>(std::ranges::count(outcomes, true)), outcomes.size()};
}

// How many runs of lost packets have each length, the last entry taking all longer ones.
std::vector<double> run_lengths(const std::vector<bool>& outcomes, std::size_t classes) {
  std::vector<double> runs(classes);
  std::size_t length = 0;
  for (const bool is_lost : outcomes) {
    if (!is_lost && length > 0) runs[std::min(length, classes) - 1] += 1;
    length = is_lost ? length + 1 : 0;
  }
  return runs;
}

// The run lengths are geometric: P(n) = leave (1 - leave)^(n-1).
double chi_square_of_geometric(const std::vector<double>& runs, double leave) {
  double total = 0;
  for (const double count : runs) total += count;
  std::vector<Category> categories;
  double rest = total;
  for (std::size_t n = 0; n + 1 < runs.size(); ++n) {
    const double expected = total * leave * std::pow(1 - leave, static_cast<double>(n));
    categories.push_back({runs[n], expected});
    rest -= expected;
  }
  categories.push_back({runs.back(), rest});
  return chi_square(categories);
}

TEST(Loss, WithoutCorrelationLiesInsideItsInterval) {
  for (const double share : {0.0001, 0.003, 0.01, 0.1, 0.5, 0.999}) {
    const auto interval = clopper_pearson(count_of(draw(RandomShare{{share}, {}}, 1'000'000)));
    EXPECT_TRUE(interval.contains({share}))
        << share << ": " << interval.low.value << " to " << interval.high.value;
  }
}

TEST(Loss, OfNoneAndOfAllIsExact) {
  EXPECT_EQ(count_of(draw({}, 10'000)).hits, 0U);
  EXPECT_EQ(count_of(draw(RandomShare{{0}, {0.5}}, 10'000)).hits, 0U);
  EXPECT_EQ(count_of(draw(RandomShare{{1}, {}}, 10'000)).hits, 10'000U);
}

// A correlated sample is worth n (1 - rho) / (1 + rho) independent ones.
TEST(Loss, WithCorrelationKeepsItsShareWhereNetemLosesIt) {
  const RandomShare cases[] = {
      {{0.003}, {0.25}}, {{0.01}, {0.25}}, {{0.05}, {0.5}}, {{0.1}, {0.5}}, {{0.3}, {0.9}}};
  for (const auto& random : cases) {
    const auto outcomes = draw(random, 2'000'000);
    auto count = count_of(outcomes);
    const double worth = (1 - random.correlation.value) / (1 + random.correlation.value);
    count.hits = static_cast<std::uint64_t>(static_cast<double>(count.hits) * worth);
    count.trials = static_cast<std::uint64_t>(static_cast<double>(count.trials) * worth);
    EXPECT_TRUE(clopper_pearson(count).contains(random.share)) << random.share.value;
  }
}

TEST(Loss, WithCorrelationHasItBetweenNeighbours) {
  const auto outcomes = draw(RandomShare{{0.1}, {0.5}}, 1'000'000);
  double both = 0;
  for (std::size_t i = 1; i < outcomes.size(); ++i) both += outcomes[i] && outcomes[i - 1] ? 1 : 0;
  const double covariance = both / static_cast<double>(outcomes.size() - 1) - 0.01;
  EXPECT_NEAR(covariance / 0.09, 0.5, 0.01);
}

TEST(Loss, WithCorrelationHasGeometricBursts) {
  const RandomShare random{{0.05}, {0.5}};
  const double leave = (1 - random.share.value) * (1 - random.correlation.value);
  const auto runs = run_lengths(draw(random, 1'000'000), 8);
  EXPECT_LT(chi_square_of_geometric(runs, leave), chi_square_limit(7));
}

TEST(Loss, ByMeanBurstHasTheShareAndGeometricBursts) {
  for (const double burst : {1.0, 2.0, 5.0}) {
    const auto outcomes = draw(BurstLoss{{0.02}, burst}, 2'000'000);
    const auto runs = run_lengths(outcomes, 12);
    const double count = std::accumulate(runs.begin(), runs.end(), 0.0);
    const auto packets = static_cast<double>(count_of(outcomes).hits);
    EXPECT_NEAR(packets / count, burst, 0.05 * burst) << burst;
    EXPECT_NEAR(packets / static_cast<double>(outcomes.size()), 0.02, 0.001) << burst;
    if (burst == 1) continue;  // all are of length one
    EXPECT_LT(chi_square_of_geometric(runs, 1 / burst), chi_square_limit(11)) << burst;
  }
}

TEST(Loss, OfGilbertAndElliottHasItsStationaryShareAndBadStays) {
  const GilbertElliott simple{{0.01}, {0.2}, {1}, {0}};
  const auto outcomes = draw(simple, 2'000'000);
  EXPECT_NEAR(simple.expected_loss().value, 0.01 / 0.21, 1e-12);
  EXPECT_NEAR(static_cast<double>(count_of(outcomes).hits) / 2e6, simple.expected_loss().value, 0.002);
  EXPECT_LT(chi_square_of_geometric(run_lengths(outcomes, 15), 0.2), chi_square_limit(14));
  const GilbertElliott full{{0.02}, {0.1}, {0.5}, {0.01}};
  EXPECT_NEAR(full.expected_loss().value, (0.1 * 0.01 + 0.02 * 0.5) / 0.12, 1e-12);
  EXPECT_NEAR(static_cast<double>(count_of(draw(full, 2'000'000)).hits) / 2e6, full.expected_loss().value,
              0.002);
}

TEST(Loss, OfFourStatesHasItsStationaryShare) {
  const FourState cases[] = {{{0.01}, {0.3}, {0.2}, {0.5}, {0.02}},  // all four states
                             {{0.05}, {0.95}, {0}, {1}, {0}},        // netem's defaults: two states
                             {{0}, {1}, {0}, {1}, {0.1}},            // alone only
                             {{0.1}, {0}, {0}, {1}, {0}},            // never leaves the burst
                             {{0.1}, {0}, {0.4}, {0.6}, {0}}};       // never leaves the bursts
  for (const auto& states : cases) {
    const auto outcomes = draw(states, 2'000'000);
    EXPECT_NEAR(static_cast<double>(count_of(outcomes).hits) / 2e6, states.expected_loss().value, 0.002)
        << states.p13.value << " " << states.p14.value;
  }
}

TEST(Loss, OfFourStatesInAGapIsAlone) {
  const auto runs = run_lengths(draw(FourState{{0}, {1}, {0}, {1}, {0.2}}, 100'000), 3);
  EXPECT_GT(runs[0], 10'000);
  EXPECT_EQ(runs[1] + runs[2], 0);
}

TEST(Loss, ChangedInItsParametersGoesOnFromItsLastOutcome) {
  Loss loss(RandomShare{{1}, {}});
  base::Rng rng(kSeed);
  EXPECT_TRUE(loss.next(rng));
  loss.change(BurstLoss{{0.5}, 1e9});
  EXPECT_TRUE(loss.next(rng)) << "a burst of a thousand million packets had begun";
}

TEST(Loss, ChangedInItsParametersStaysInItsState) {
  base::Rng rng(kSeed);
  Loss elliott(GilbertElliott{{1}, {0}, {1}, {0}});
  Loss states(FourState{{1}, {0}, {0}, {1}, {0}});
  for (int i = 0; i < 3; ++i) {
    elliott.next(rng);
    states.next(rng);
  }
  elliott.change(GilbertElliott{{0.5}, {0}, {1}, {0}});
  states.change(FourState{{0}, {0}, {0}, {1}, {0}});
  EXPECT_TRUE(elliott.next(rng)) << "the bad state is not left";
  EXPECT_TRUE(states.next(rng)) << "the burst is not left";
}

}  // namespace
}  // namespace sennit::impair
