#include "outbound/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

#include "base/rng.hpp"

namespace sennit::outbound {
namespace {

constexpr base::Bytes kFull{1400};
constexpr base::FlowBucket kSomeFlow{9};

// Paths that are up, numbered from zero.
class PathTable {
 public:
  link::Path& add(std::uint64_t rate = 0) {
    auto& path = *owned_.emplace_back(
        std::make_unique<link::Path>(base::PathId{static_cast<std::uint8_t>(owned_.size())}));
    path.attach({base::SocketId{path.id.value}, {}, *base::SocketAddress::parse("192.0.2.1:6000")});
    path.mark_reachable();
    path.told_rate = {rate};
    all_.push_back(&path);
    return path;
  }
  std::span<link::Path* const> all() const { return all_; }
  link::Path& operator[](std::size_t i) { return *all_[i]; }

 private:
  std::vector<std::unique_ptr<link::Path>> owned_;
  std::vector<link::Path*> all_;
};

using Choice = std::span<link::Path* const>;

// What the scheduler chooses for a packet that came alone, with the paths as they are now.
Choice choose(Scheduler& scheduler, Choice paths, base::FlowBucket bucket, base::Bytes size) {
  scheduler.survey(paths);
  return scheduler.choose(bucket, size, size);
}

std::vector<int> ids(Choice choice) {
  std::vector<int> result;
  for (const auto* path : choice) result.push_back(path->id.value);
  return result;
}

using Ids = std::vector<int>;

// Bytes that each path was given when `packets` of random sizes went out.
std::vector<double> shares(Scheduler& scheduler, const PathTable& table, int packets, std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<double> bytes(table.all().size());
  for (int i = 0; i < packets; ++i) {
    const base::Bytes size{rng.below(3) == 0 ? 40 + rng.below(1300) : 1400};
    const auto choice = choose(scheduler, table.all(), kSomeFlow, size);
    for (const auto* path : choice) bytes[path->id.value] += static_cast<double>(size.value);
  }
  const double sum = std::accumulate(bytes.begin(), bytes.end(), 0.0);
  for (double& share : bytes) share /= sum;
  return bytes;
}

TEST(Scheduler, SharesByToldRatesWithinTwoPercent) {
  struct Case {
    std::vector<std::uint64_t> rates;
    std::vector<double> shares;
  };
  const std::vector<Case> cases = {
      {{0, 0}, {0.5, 0.5}},
      {{0, 0, 0}, {1.0 / 3, 1.0 / 3, 1.0 / 3}},
      {{10'000'000, 30'000'000}, {0.25, 0.75}},
      {{1'000'000, 8'000'000, 20'000'000}, {1.0 / 29, 8.0 / 29, 20.0 / 29}},
      {{128'000, 1'000'000'000}, {0.000128, 0.999872}},
      {{10'000'000, 30'000'000, 0}, {10.0 / 60, 30.0 / 60, 20.0 / 60}},  // not told: the mean of the others
  };
  for (const auto& [rates, expected] : cases) {
    PathTable table;
    for (const auto rate : rates) table.add(rate);
    Scheduler scheduler(Mode::kAggregate);
    const auto got = shares(scheduler, table, 20'000, 1);
    for (std::size_t i = 0; i < got.size(); ++i)
      EXPECT_NEAR(got[i], expected[i], 0.02 * expected[i] + 0.0005);
  }
}

TEST(Scheduler, NeverChoosesAPathThatIsNotUsableOrTooSmall) {
  base::Rng rng(3);
  PathTable table;
  for (int i = 0; i < 6; ++i) table.add(rng.below(3) * 5'000'000);
  for (const auto mode : {Mode::kAggregate, Mode::kFlow, Mode::kRedundant, Mode::kFailover}) {
    Scheduler scheduler(mode);
    for (int i = 0; i < 5000; ++i) {
      auto& path = table[rng.below(6)];
      if (rng.below(2) == 0)
        path.mark_reachable();
      else
        path.mark_unreachable();
      path.mtu = {static_cast<std::uint16_t>(1280 + rng.below(300))};
      const base::Bytes size{40 + rng.below(1500)};
      const base::FlowBucket bucket{static_cast<std::uint16_t>(rng.below(1024))};
      const auto choice = choose(scheduler, table.all(), bucket, size);
      const bool possible = std::ranges::any_of(
          table.all(), [&](const auto* p) { return p->is_usable() && largest_inner(*p) >= size; });
      ASSERT_EQ(choice.empty(), !possible);
      for (const auto* chosen : choice) {
        ASSERT_TRUE(chosen->is_usable());
        ASSERT_GE(largest_inner(*chosen), size);
      }
    }
  }
}

TEST(Scheduler, ChoosesNothingWhereNothingIsUp) {
  PathTable table;
  table.add().mark_unreachable();
  for (const auto mode : {Mode::kAggregate, Mode::kFlow, Mode::kRedundant, Mode::kFailover}) {
    Scheduler scheduler(mode);
    EXPECT_TRUE(choose(scheduler, table.all(), kSomeFlow, kFull).empty());
    EXPECT_TRUE(choose(scheduler, {}, kSomeFlow, kFull).empty());
    EXPECT_FALSE(scheduler.has_usable());
  }
}

TEST(Scheduler, HoldsABackupPathInReserveUntilNoOtherIsUp) {
  PathTable table;
  table.add();
  table.add().use = link::PathUse::kBackup;
  for (const auto mode : {Mode::kAggregate, Mode::kFlow, Mode::kFailover}) {
    table[0].mark_reachable();
    Scheduler scheduler(mode);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{0});
    table[0].mark_unreachable();
    EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{1});
  }
}

TEST(Scheduler, SendsOnEveryPathInRedundantMode) {
  PathTable table;
  table.add(1'000'000);
  table.add(9'000'000);
  table.add().mark_unreachable();
  Scheduler redundant(Mode::kRedundant);
  EXPECT_EQ(ids(choose(redundant, table.all(), kSomeFlow, kFull)), (Ids{0, 1}));
}

TEST(Scheduler, FailsOverByCostAndThenByOrder) {
  PathTable table;
  table.add().cost = 5;
  table.add().cost = 1;
  table.add().cost = 1;
  Scheduler scheduler(Mode::kFailover);
  EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{1});
  table[1].mark_unreachable();
  EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{2});
  table[2].mark_unreachable();
  EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{0});
}

TEST(Scheduler, KeepsAFlowOnItsPathAndMovesOnlyTheFlowsOfAPathThatGoes) {
  PathTable table;
  for (int i = 0; i < 4; ++i) table.add();
  Scheduler scheduler(Mode::kFlow);
  std::map<std::uint16_t, int> home;
  for (std::uint16_t flow = 0; flow < 1024; ++flow) {
    home[flow] = ids(choose(scheduler, table.all(), {flow}, kFull)).front();
    EXPECT_EQ(ids(choose(scheduler, table.all(), {flow}, kFull)).front(), home[flow]);
  }
  table[2].mark_unreachable();
  for (const auto& [flow, path] : home) {
    const int now = ids(choose(scheduler, table.all(), {flow}, kFull)).front();
    EXPECT_NE(now, 2);
    EXPECT_TRUE(path == 2 || now == path) << "flow " << flow;
  }
}

// 1,024 flows over n paths: binomial, deviation below 16; five of them are allowed.
TEST(Scheduler, SpreadsFlowsEvenlyInFlowMode) {
  for (const int paths : {2, 3, 4, 7}) {
    PathTable table;
    for (int i = 0; i < paths; ++i) table.add();
    Scheduler scheduler(Mode::kFlow);
    std::vector<int> counts(static_cast<std::size_t>(paths));
    for (std::uint16_t flow = 0; flow < 1024; ++flow) {
      ++counts[static_cast<std::size_t>(ids(choose(scheduler, table.all(), {flow}, kFull)).front())];
    }
    for (const int count : counts) EXPECT_NEAR(count, 1024.0 / paths, 80) << paths << " paths";
  }
}

TEST(LargestInner, LeavesOutTheOuterHeadersOfTheFamily) {
  link::Path path(base::PathId{0});
  path.attach({base::SocketId{1}, {}, *base::SocketAddress::parse("192.0.2.1:6000")});
  EXPECT_EQ(largest_inner(path), base::Bytes{1440});
  path.attach({base::SocketId{1}, {}, *base::SocketAddress::parse("[2001:db8::1]:6000")});
  EXPECT_EQ(largest_inner(path), base::Bytes{1420});
  path.mtu = {60};
  EXPECT_EQ(largest_inner(path), base::Bytes{0});
}

}  // namespace
}  // namespace sennit::outbound
