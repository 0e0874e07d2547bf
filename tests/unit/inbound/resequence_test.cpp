#include "inbound/resequence.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "base/rng.hpp"

namespace sennit::inbound {
namespace {

using std::chrono::milliseconds;

constexpr base::Instant kStart{std::chrono::hours(1)};
constexpr base::Duration kPatience = milliseconds(50);
constexpr base::Duration kRepair = milliseconds(200);

// Does the sender send again what is missing in front of the packet?
enum class Kept { kNo, kYes };

// Feeds packets whose only content is their number, and writes down what comes out.
class Feed {
 public:
  // The packet lies in a buffer of its own, which keep() spoils.
  void add(std::uint32_t sequence, std::uint8_t path, base::Duration at = {}, std::uint16_t bucket = 1,
           Kept kept = Kept::kNo) {
    auto& buffer = buffers_.emplace_back(sizeof(sequence));
    std::memcpy(buffer.data(), &sequence, sizeof(sequence));
    const HoldLimits limits{kStart + at + kPatience, kStart + at + kRepair};
    note(resequencer_.add({{bucket}, {sequence}, {buffer}, kept == Kept::kYes}, {path}, limits));
  }
  void add_kept(std::uint32_t sequence, std::uint8_t path, base::Duration at = {}) {
    add(sequence, path, at, 1, Kept::kYes);
  }
  void expire(base::Duration at) { note(resequencer_.expire(kStart + at)); }
  void keep() {
    resequencer_.keep();
    for (auto& buffer : buffers_) std::ranges::fill(buffer, std::uint8_t{0xEE});
  }
  // What has come out since the last time.
  std::vector<std::uint32_t> take() { return std::exchange(out_, {}); }
  Resequencer& resequencer() { return resequencer_; }

 private:
  void note(std::span<const base::InnerPacket> packets) {
    for (const auto& packet : packets) {
      std::uint32_t sequence = 0;
      std::memcpy(&sequence, packet.bytes.data(), sizeof(sequence));
      out_.push_back(sequence);
    }
  }

  Resequencer resequencer_;
  std::deque<std::vector<std::uint8_t>> buffers_;
  std::vector<std::uint32_t> out_;
};

using Numbers = std::vector<std::uint32_t>;

TEST(Resequencer, PassesOnWhatIsInOrder) {
  Feed feed;
  for (std::uint32_t i = 0; i < 5; ++i) feed.add(i, i % 2);
  EXPECT_EQ(feed.take(), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_EQ(feed.resequencer().next_expiry(), base::kNever);
}

TEST(Resequencer, NeverWaitsWhereOnePathCarriesTheBucket) {
  Feed feed;
  for (const std::uint32_t i : {0U, 1U, 4U, 3U, 9U}) feed.add(i, 0);
  EXPECT_EQ(feed.take(), (Numbers{0, 1, 4, 3, 9}));
}

TEST(Resequencer, PutsRunsOfTwoPathsInOrder) {
  Feed feed;
  feed.add(0, 0);
  feed.add(1, 1);
  for (const std::uint32_t i : {4U, 5U, 8U}) feed.add(i, 1);
  EXPECT_EQ(feed.take(), (Numbers{0, 1}));
  for (const std::uint32_t i : {2U, 3U, 6U, 7U}) feed.add(i, 0);
  EXPECT_EQ(feed.take(), (Numbers{2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(feed.resequencer().counts().held, 3U);
  EXPECT_EQ(feed.resequencer().counts().lost, 0U);
}

TEST(Resequencer, GivesUpWhatEveryPathHasPassed) {
  Feed feed;
  feed.add(0, 0);
  feed.add(1, 1);
  feed.add(3, 1);  // 2 is missing
  EXPECT_EQ(feed.take(), (Numbers{0, 1}));
  feed.add(4, 0);
  EXPECT_EQ(feed.take(), (Numbers{3, 4}));
  EXPECT_EQ(feed.resequencer().counts().lost, 1U);
  feed.add(2, 0);
  EXPECT_EQ(feed.take(), (Numbers{2}));
  EXPECT_EQ(feed.resequencer().counts().late, 1U);
}

TEST(Resequencer, WaitsForASilentPathNoLongerThanItsPatienceAndOnlyOnce) {
  Feed feed;
  feed.add(0, 0);
  feed.add(1, 1);
  feed.add(3, 1, milliseconds(1));
  EXPECT_EQ(feed.resequencer().next_expiry(), kStart + milliseconds(51));
  feed.expire(milliseconds(50));
  EXPECT_EQ(feed.take(), (Numbers{0, 1}));
  feed.expire(milliseconds(51));
  EXPECT_EQ(feed.take(), (Numbers{3}));
  feed.add(5, 1, milliseconds(52));
  EXPECT_EQ(feed.take(), (Numbers{5}));
  EXPECT_EQ(feed.resequencer().next_expiry(), base::kNever);
}

TEST(Resequencer, CopiesWhatWaitsBeyondTheCall) {
  Feed feed;
  feed.add(0, 0);
  feed.add(1, 1);
  feed.add(3, 1);
  feed.keep();
  feed.add(2, 0);
  EXPECT_EQ(feed.take(), (Numbers{0, 1, 2, 3}));
}

TEST(Resequencer, KeepsBucketsApart) {
  Feed feed;
  feed.add(0, 0, {}, 1);
  feed.add(1, 1, {}, 1);
  feed.add(9, 1, {}, 1);
  feed.add(0, 0, {}, 2);
  feed.add(1, 1, {}, 2);
  EXPECT_EQ(feed.take(), (Numbers{0, 1, 0, 1}));
}

TEST(Resequencer, LeavesBucketsBeyondItsTableAsTheyCome) {
  Feed feed;
  for (const std::uint32_t i : {5U, 3U, 4U})
    feed.add(i, static_cast<std::uint8_t>(i), {}, Resequencer::kBuckets);
  EXPECT_EQ(feed.take(), (Numbers{5, 3, 4}));
}

TEST(Resequencer, GoesOnWhereTheSequenceWrapsAround) {
  Feed feed;
  feed.add(0x7FFF'FFFF, 0);
  feed.add(0xFFFF'FFFE, 0);
  feed.take();
  feed.add(0xFFFF'FFFF, 1);
  feed.add(1, 1);
  feed.add(0, 0);
  EXPECT_EQ(feed.take(), (Numbers{0xFFFF'FFFF, 0, 1}));
}

TEST(Resequencer, NotesCopiesSoThatARedundantPathIsNotWaitedFor) {
  Feed feed;
  feed.add(0, 0);
  feed.add(1, 1);
  feed.resequencer().note_copy({1}, {3}, {0});
  feed.add(3, 1);
  EXPECT_EQ(feed.take(), (Numbers{0, 1, 3}));
}

TEST(Resequencer, HoldsNoMoreThanItsLimit) {
  Feed feed;
  feed.add(0, 0);
  feed.add(1, 1);
  for (std::uint32_t i = 0; i <= Resequencer::kMaxHeld; ++i) feed.add(3 + i, 1);
  EXPECT_GT(feed.take().size(), 2U);
}

TEST(Resequencer, WaitsForWhatIsSentAgainThoughEveryPathHasPassedIt) {
  Feed feed;
  feed.add_kept(0, 0);
  for (const std::uint32_t i : {2U, 3U, 4U}) feed.add_kept(i, 0, milliseconds(i));
  EXPECT_EQ(feed.take(), (Numbers{0}));
  feed.add_kept(1, 0, milliseconds(60));
  EXPECT_EQ(feed.take(), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(feed.resequencer().counts().lost, 0U);
  EXPECT_EQ(feed.resequencer().counts().recovered, 1U);
}

TEST(Resequencer, WaitsForWhatIsSentAgainNoLongerThanTheRepairMayTake) {
  Feed feed;
  feed.add_kept(0, 0);
  feed.add_kept(2, 0);
  feed.expire(kRepair - milliseconds(1));
  EXPECT_EQ(feed.take(), (Numbers{0}));
  feed.expire(kRepair);
  EXPECT_EQ(feed.take(), (Numbers{2}));
  EXPECT_EQ(feed.resequencer().counts().lost, 1U);
  EXPECT_EQ(feed.resequencer().next_expiry(), base::kNever);
}

TEST(Resequencer, CountsWhatCameOnAnotherPathInTimeAsNotRecovered) {
  Feed feed;
  feed.add(0, 0);
  feed.add(1, 1);
  feed.add(3, 1);
  feed.add(2, 0);
  EXPECT_EQ(feed.take(), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(feed.resequencer().counts().recovered, 0U);
}

TEST(Resequencer, DeliversWhatCameTwiceOnce) {
  Feed feed;
  for (const std::uint32_t i : {0U, 0U, 1U, 0U, 3U, 3U, 2U, 3U, 2U}) feed.add_kept(i, 0);
  EXPECT_EQ(feed.take(), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(feed.resequencer().counts().duplicates, 5U);
  EXPECT_EQ(feed.resequencer().counts().late, 0U);
}

TEST(Resequencer, DeliversWhatWasGivenUpOnceIfItComesAfterAll) {
  Feed feed;
  feed.add(0, 0);
  feed.add(5, 0);  // 1 to 4 are given up
  feed.take();
  for (const std::uint32_t i : {3U, 3U, 1U, 4U, 1U, 4U, 2U, 2U, 5U, 0U}) feed.add(i, 0);
  EXPECT_EQ(feed.take(), (Numbers{3, 1, 4, 2}));
  EXPECT_EQ(feed.resequencer().counts().late, 4U);
  EXPECT_EQ(feed.resequencer().counts().duplicates, 6U);
}

TEST(Resequencer, DeliversALateOneOnceWhereTheSequenceWrapsAround) {
  Feed feed;
  feed.add(0x7FFF'FFFF, 0);
  feed.add(0xFFFF'FF00, 0);
  feed.add(0xFFFF'FFFD, 0);
  feed.add(3, 0);  // 0xFFFFFFFE to 2 are given up
  feed.take();
  for (const std::uint32_t i : {0U, 0xFFFF'FFFFU, 0U, 1U, 0xFFFF'FFFFU}) feed.add(i, 0);
  EXPECT_EQ(feed.take(), (Numbers{0, 0xFFFF'FFFF, 1}));
}

// A later packet may have come first, and its time is up first.
TEST(Resequencer, HoldsNoPacketBeyondItsOwnDeadlineWhateverIsInFrontOfIt) {
  Feed feed;
  feed.add(0, 0);
  feed.add(1, 1);
  feed.add(8, 1);
  feed.add(4, 2, milliseconds(40));
  feed.expire(kPatience);
  EXPECT_EQ(feed.take(), (Numbers{0, 1, 4, 8}));
}

TEST(Resequencer, HasNothingToDoAtOnceAfterItHasExpired) {
  base::Rng rng(9);
  for (int round = 0; round < 300; ++round) {
    Feed feed;
    base::Duration at{};
    for (std::uint32_t i = 0; i < 200; ++i) {
      const auto sequence = static_cast<std::uint32_t>(i + rng.below(30));
      const auto kept = rng.below(2) == 0 ? Kept::kYes : Kept::kNo;
      feed.add(sequence, static_cast<std::uint8_t>(rng.below(3)), at, 1, kept);
      at += milliseconds(rng.below(10));
      feed.expire(at);
      ASSERT_GT(feed.resequencer().next_expiry(), kStart + at) << round << ": a wake-up that changes nothing";
    }
  }
}

TEST(Resequencer, NeverDeliversAnythingTwiceForAnyOrderLossAndCopies) {
  base::Rng rng(8);
  for (int round = 0; round < 300; ++round) {
    Feed feed;
    Numbers out;
    base::Duration at{};
    for (std::uint32_t i = 0; i < 600; ++i) {
      const auto sequence = static_cast<std::uint32_t>(i / 2 + rng.below(20));
      const auto kept = rng.below(4) > 0 ? Kept::kYes : Kept::kNo;
      feed.add(sequence, static_cast<std::uint8_t>(rng.below(3)), at, 1, kept);
      if (rng.below(3) == 0) feed.keep();
      at += milliseconds(rng.below(8));
      feed.expire(at);
      for (const auto number : feed.take()) out.push_back(number);
    }
    feed.expire(at + kRepair);
    for (const auto number : feed.take()) out.push_back(number);
    EXPECT_EQ(feed.resequencer().next_expiry(), base::kNever);
    std::ranges::sort(out);
    ASSERT_EQ(std::ranges::adjacent_find(out), out.end()) << round;
  }
}

TEST(Resequencer, TakesWhatIsOlderThanItRemembersForASecondCopy) {
  Feed feed;
  feed.add(0, 0);
  feed.add(2 + Resequencer::kRemembered, 0);
  feed.take();
  feed.add(1, 0);
  EXPECT_EQ(feed.take(), Numbers{});
  feed.add(3, 0);
  EXPECT_EQ(feed.take(), Numbers{3});
}

TEST(Resequencer, BringsOutEveryPacketOnceForAnyOrderAndLoss) {
  base::Rng rng(7);
  for (int round = 0; round < 200; ++round) {
    Feed feed;
    Numbers sent;
    std::array<std::deque<std::uint32_t>, 4> paths;
    for (std::uint32_t i = 0; i < 300; ++i) {
      if (rng.below(20) == 0) continue;
      sent.push_back(i);
      paths[rng.below(4)].push_back(i);
    }
    base::Duration at{};
    while (std::ranges::any_of(paths, [](const auto& path) { return !path.empty(); })) {
      const auto path = rng.below(4);
      for (auto count = rng.below(20); count > 0 && !paths[path].empty(); --count) {
        feed.add(paths[path].front(), static_cast<std::uint8_t>(path), at);
        paths[path].pop_front();
      }
      if (rng.below(3) == 0) feed.keep();
      at += milliseconds(rng.below(30));
      feed.expire(at);
    }
    feed.expire(at + kPatience);
    auto out = feed.take();
    EXPECT_EQ(feed.resequencer().next_expiry(), base::kNever);
    std::ranges::sort(out);
    EXPECT_EQ(out, sent) << round;
  }
}

}  // namespace
}  // namespace sennit::inbound
