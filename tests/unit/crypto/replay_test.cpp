#include "crypto/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/rng.hpp"

namespace sennit::crypto {
namespace {

using Verdict = ReplayWindow::Verdict;
constexpr auto kWindow = ReplayWindow::kWindow;
constexpr std::uint64_t kSpan = std::uint64_t{1} << 32U;

// One window meets these counters in this order.
struct Step {
  std::uint64_t counter;
  Verdict verdict;
};

constexpr Step kSteps[] = {
    {0, Verdict::kNewest},
    {0, Verdict::kReplayed},
    {1, Verdict::kNewest},
    {1, Verdict::kReplayed},
    {9, Verdict::kNewest},
    {8, Verdict::kReordered},
    {7, Verdict::kReordered},
    {7, Verdict::kReplayed},
    {9, Verdict::kReplayed},
    // The window moves so that 2 is its oldest counter.
    {kWindow + 1, Verdict::kNewest},
    {1, Verdict::kReplayed},
    {2, Verdict::kReordered},
    {2, Verdict::kReplayed},
    {8, Verdict::kReplayed},
    {10, Verdict::kReordered},
    // One further: 3 is the oldest now.
    {kWindow + 2, Verdict::kNewest},
    {2, Verdict::kReplayed},
    {3, Verdict::kReordered},
    // A jump over exactly one window, then one behind its edge and one on it.
    {2 * kWindow + 2, Verdict::kNewest},
    {kWindow + 2, Verdict::kReplayed},
    {kWindow + 3, Verdict::kReordered},
    {kWindow + 3, Verdict::kReplayed},
    // A jump over many windows forgets all of them.
    {1000 * kWindow, Verdict::kNewest},
    {2 * kWindow + 3, Verdict::kReplayed},
    {999 * kWindow, Verdict::kReplayed},
    {999 * kWindow + 1, Verdict::kReordered},
    {1000 * kWindow - 1, Verdict::kReordered},
    {1000 * kWindow - 1, Verdict::kReplayed},
    {1000 * kWindow, Verdict::kReplayed},
    // Beyond 32 bits nothing changes.
    {kSpan, Verdict::kNewest},
    {kSpan - 1, Verdict::kReordered},
    {kSpan + 1, Verdict::kNewest},
    {kSpan - 1, Verdict::kReplayed},
};

TEST(ReplayWindow, JudgesATableOfCounters) {
  ReplayWindow window;
  std::uint64_t accepted = 0;
  std::uint64_t highest = 0;
  for (const auto& step : kSteps) {
    SCOPED_TRACE(step.counter);
    EXPECT_EQ(window.is_fresh(step.counter), step.verdict != Verdict::kReplayed);
    EXPECT_EQ(window.accept(step.counter), step.verdict);
    accepted += step.verdict == Verdict::kReplayed ? 0 : 1;
    highest = std::max(highest, step.counter);
    EXPECT_EQ(window.received(), accepted);
    EXPECT_EQ(window.expected(), highest + 1);
  }
}

TEST(ReplayWindow, ExpectsZeroBeforeTheFirst) {
  const ReplayWindow window;
  EXPECT_EQ(window.expected(), 0U);
  EXPECT_EQ(window.received(), 0U);
  EXPECT_TRUE(window.is_fresh(0));
}

TEST(ReplayWindow, TakesAWholeWindowBackwards) {
  ReplayWindow window;
  constexpr std::uint64_t kHighest = 3 * kWindow + 17;
  ASSERT_EQ(window.accept(kHighest), Verdict::kNewest);
  for (std::uint64_t back = 1; back < kWindow; ++back) {
    ASSERT_EQ(window.accept(kHighest - back), Verdict::kReordered) << back;
  }
  EXPECT_EQ(window.accept(kHighest - kWindow), Verdict::kReplayed);
  EXPECT_EQ(window.received(), kWindow);
}

// What the header promises, written with a set.
class ReferenceWindow {
 public:
  Verdict accept(std::uint64_t counter) {
    const bool newest = seen_.empty() || counter > *seen_.rbegin();
    const bool too_old = !newest && *seen_.rbegin() - counter >= kWindow;
    if (too_old || !seen_.insert(counter).second) return Verdict::kReplayed;
    return newest ? Verdict::kNewest : Verdict::kReordered;
  }

 private:
  std::set<std::uint64_t> seen_;
};

TEST(ReplayWindow, AgreesWithASetOfAllCountersSeen) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    base::Rng rng(seed);
    ReplayWindow window;
    ReferenceWindow reference;
    std::uint64_t centre = rng.below(2 * kSpan);
    for (int i = 0; i < 20000; ++i) {
      centre += rng.below(100) == 0 ? rng.below(3 * kWindow) : rng.below(4);
      const auto counter = centre - std::min(centre, rng.below(rng.below(10) == 0 ? 2 * kWindow : 64));
      ASSERT_EQ(window.accept(counter), reference.accept(counter)) << "step " << i << ", counter " << counter;
    }
  }
}

struct Reconstruction {
  std::uint64_t highest;
  std::uint32_t low_bits;
  std::uint64_t full;
};

constexpr Reconstruction kReconstructions[] = {
    {0, 0, 0},
    {0, 1, 1},
    {0, 0x80000001, 0x80000001},
    // Nearer below zero, but there are no such counters.
    {0, 0xFFFFFFFF, 0xFFFFFFFF},
    {1000, 900, 900},
    {1000, 1001, 1001},
    // Half the span ahead, and just beyond it, where the lower one does not exist.
    {1000, 0x80000000 + 1001, 0x80000000 + 1001},
    {1000, 0x80000000 + 1002, 0x80000000 + 1002},
    // Around 2^32.
    {kSpan - 2, 0xFFFFFFFF, kSpan - 1},
    {kSpan - 1, 0, kSpan},
    {kSpan - 1, 5, kSpan + 5},
    {kSpan - 1, 0xFFFFFFF0, kSpan - 16},
    {kSpan, 0xFFFFFFFF, kSpan - 1},
    {kSpan, 0x80000002, kSpan - 0x7FFFFFFE},
    {kSpan, 0x80000000, kSpan + 0x80000000},
    {kSpan + 10, 9, kSpan + 9},
    // Around a later multiple.
    {5 * kSpan - 3, 2, 5 * kSpan + 2},
    {5 * kSpan + 3, 0xFFFFFFFE, 5 * kSpan - 2},
    {5 * kSpan + 0x7FFFFFFF, 0xFFFFFFFF, 5 * kSpan + 0xFFFFFFFF},
    {5 * kSpan + 0x7FFFFFFE, 0, 5 * kSpan},
    {5 * kSpan + 0x80000000, 0, 6 * kSpan},
};

TEST(ReplayWindow, ReconstructsTheNearestFullCounter) {
  for (const auto& known : kReconstructions) {
    ReplayWindow window;
    window.accept(known.highest);
    EXPECT_EQ(window.reconstruct(known.low_bits), known.full)
        << "highest " << known.highest << ", low bits " << known.low_bits;
  }
}

TEST(ReplayWindow, ReconstructsTheLowBitsThemselvesBeforeTheFirst) {
  const ReplayWindow window;
  for (const std::uint32_t low : {0U, 1U, 0x7FFFFFFFU, 0x80000000U, 0x80000001U, 0xFFFFFFFFU}) {
    EXPECT_EQ(window.reconstruct(low), low);
  }
}

TEST(ReplayWindow, FindsEveryCounterWithinHalfTheSpanAgain) {
  base::Rng rng(99);
  for (int i = 0; i < 100000; ++i) {
    ReplayWindow window;
    const auto highest = kSpan + rng.below(8 * kSpan);
    window.accept(highest);
    const auto full = highest + 1 - kSpan / 2 + 1 + rng.below(kSpan - 1);
    ASSERT_EQ(window.reconstruct(static_cast<std::uint32_t>(full)), full) << "highest " << highest;
  }
}

}  // namespace
}  // namespace sennit::crypto
