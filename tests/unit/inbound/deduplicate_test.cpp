#include "inbound/deduplicate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/rng.hpp"

namespace sennit::inbound {
namespace {

constexpr base::FlowBucket kBucket{7};

TEST(Deduplicator, PassesTheFirstCopyOnly) {
  Deduplicator deduplicator;
  EXPECT_TRUE(deduplicator.accept(kBucket, {0}));
  EXPECT_FALSE(deduplicator.accept(kBucket, {0}));
  EXPECT_TRUE(deduplicator.accept(kBucket, {2}));
  EXPECT_TRUE(deduplicator.accept(kBucket, {1}));
  EXPECT_FALSE(deduplicator.accept(kBucket, {1}));
}

TEST(Deduplicator, KeepsBucketsApart) {
  Deduplicator deduplicator;
  for (std::uint16_t bucket = 0; bucket < Deduplicator::kMaxBuckets; ++bucket) {
    EXPECT_TRUE(deduplicator.accept({bucket}, {5}));
    EXPECT_FALSE(deduplicator.accept({bucket}, {5}));
  }
}

TEST(Deduplicator, RefusesWhatLiesBehindTheWindow) {
  constexpr auto kWindow = Deduplicator::kWindow;
  Deduplicator deduplicator;
  EXPECT_TRUE(deduplicator.accept(kBucket, {3 * kWindow}));
  EXPECT_TRUE(deduplicator.accept(kBucket, {2 * kWindow + 1}));
  EXPECT_FALSE(deduplicator.accept(kBucket, {2 * kWindow}));
}

TEST(Deduplicator, TakesTheFarthestJumpThatTheSequenceAllows) {
  Deduplicator deduplicator;
  EXPECT_FALSE(deduplicator.accept(kBucket, {0x8000'0000U}));
  EXPECT_TRUE(deduplicator.accept(kBucket, {0x7FFF'FFFFU}));
  EXPECT_FALSE(deduplicator.accept(kBucket, {0x7FFF'FFFFU}));
}

// Random walk around the wrap of the sequence, compared with a set of everything seen.
TEST(Deduplicator, AgreesWithAReferenceModel) {
  for (const std::uint64_t start : {std::uint64_t{0}, std::uint64_t{0xFFFF'0000U}}) {
    base::Rng rng(start + 1);
    Deduplicator deduplicator;
    // Walk to the start in jumps that a sequence may make.
    for (std::uint64_t at = 0; at < start; at += 0x4000'0000U) {
      deduplicator.accept(kBucket, {static_cast<std::uint32_t>(at)});
    }
    std::set<std::uint64_t> seen;
    std::uint64_t highest = start;
    ASSERT_TRUE(deduplicator.accept(kBucket, {static_cast<std::uint32_t>(start)}));
    seen.insert(start);
    for (int i = 0; i < 200'000; ++i) {
      const bool jumps = rng.below(1000) == 0;
      const std::uint64_t reach = jumps ? 3 * Deduplicator::kWindow : 8;
      const bool back = rng.below(2) == 0 && highest > start + 2 * Deduplicator::kWindow;
      const std::uint64_t sequence =
          back ? highest - rng.below(Deduplicator::kWindow + 100) : highest + rng.below(reach);
      const bool too_old = highest >= Deduplicator::kWindow && sequence <= highest - Deduplicator::kWindow;
      const bool expected = !too_old && seen.insert(sequence).second;
      ASSERT_EQ(deduplicator.accept(kBucket, {static_cast<std::uint32_t>(sequence)}), expected) << sequence;
      highest = std::max(highest, sequence);
    }
  }
}

}  // namespace
}  // namespace sennit::inbound
