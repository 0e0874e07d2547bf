#include "outbound/fair_queue.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <vector>

#include "base/rng.hpp"
#include "unit/outbound/ack.hpp"
#include "wire/bytes.hpp"

namespace sennit::outbound {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kStart{1h};

class FairQueueTest : public testing::Test {
 protected:
  // A packet of `size` bytes that begins like IPv4's, with ECN's two bits, and has its number in it.
  void push(std::uint16_t bucket, std::size_t size, base::Duration at = {}, std::uint8_t ecn = 0) {
    std::vector<std::uint8_t> bytes(base::kHeadroom + size);
    queue_.push(queue_.copy_of({numbered(bytes, bucket, ecn)}, {bucket}, kStart + at));
  }
  // Likewise, when only the newest of a flow stay.
  void push_newest(std::uint16_t bucket, std::size_t most) {
    std::vector<std::uint8_t> bytes(base::kHeadroom + 100);
    queue_.push_newest(queue_.copy_of({numbered(bytes, bucket, 0)}, {bucket}, kStart), most);
  }
  base::ByteSpan numbered(std::vector<std::uint8_t>& bytes, std::uint16_t bucket, std::uint8_t ecn) {
    const auto packet = base::ByteSpan(bytes).subspan(base::kHeadroom);
    packet[0] = 0x45;
    packet[1] = ecn;
    const auto number = sent_[bucket]++;
    std::memcpy(packet.data() + 20, &number, sizeof(number));
    return packet;
  }
  struct Popped {
    std::uint16_t bucket = 0;
    std::uint32_t number = 0;
    std::size_t size = 0;
    unsigned ecn = 0;
    Pace pace = Pace::kBulk;
  };
  std::optional<Popped> pop(base::Duration at = {}) {
    auto next = queue_.pop(kStart + at);
    if (!next) return std::nullopt;
    const auto bytes = next->packet.packet().bytes;
    Popped popped{next->packet.bucket.value, 0, bytes.size(), bytes[1] & 3U, next->pace};
    std::memcpy(&popped.number, bytes.data() + 20, sizeof(popped.number));
    return popped;
  }

  BufferPool pool_;
  FairQueue queue_{pool_};
  std::map<std::uint16_t, std::uint32_t> sent_;
};

TEST_F(FairQueueTest, IsEmptyAtFirstAndAgainAfterItsLastPacket) {
  EXPECT_TRUE(queue_.empty());
  EXPECT_FALSE(pop());
  push(1, 100);
  EXPECT_EQ(queue_.packets(), 1U);
  EXPECT_EQ(queue_.bytes(), base::Bytes{100});
  EXPECT_TRUE(pop());
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.bytes(), base::Bytes{0});
  EXPECT_FALSE(pop());
}

TEST_F(FairQueueTest, BringsPacketsOutAsTheyWentInWithTheirHeadroom) {
  std::vector<std::uint8_t> bytes(base::kHeadroom + 300);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const base::InnerPacket packet{base::ByteSpan(bytes).subspan(base::kHeadroom), base::Checksum::kOpen};
  queue_.push(queue_.copy_of(packet, {7}, kStart));
  auto next = queue_.pop(kStart + 1ms);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->packet.buffer, bytes);
  EXPECT_EQ(next->packet.packet().checksum, base::Checksum::kOpen);
  EXPECT_EQ(next->packet.bucket, base::FlowBucket{7});
  EXPECT_EQ(queue_.delay(), 1ms);
}

TEST_F(FairQueueTest, LetsAFlowThatSendsLittleOvertake) {
  for (int i = 0; i < 100; ++i) push(1, 1400);
  for (int i = 0; i < 10; ++i) pop();
  push(2, 100);
  EXPECT_TRUE(queue_.has_sparse());
  const auto next = pop();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->bucket, 2);
  EXPECT_EQ(next->pace, Pace::kSparse);
  const auto after = pop();
  ASSERT_TRUE(after);
  EXPECT_EQ(after->bucket, 1);
  EXPECT_EQ(after->pace, Pace::kBulk);
}

TEST_F(FairQueueTest, DoesNotTakeAFlowForSparseThatSendsOverAndOver) {
  for (int i = 0; i < 300; ++i) push(1, 1400);
  std::map<std::uint16_t, std::size_t> bytes;
  push(2, 1400);
  for (int i = 0; i < 200; ++i) {
    const auto next = pop();
    ASSERT_TRUE(next);
    bytes[next->bucket] += next->size;
    if (next->bucket == 2) push(2, 1400);
  }
  EXPECT_NEAR(static_cast<double>(bytes[2]), static_cast<double>(bytes[1]), 3 * 1514);
}

TEST_F(FairQueueTest, GivesEveryFlowThatWaitsAsManyBytesWhateverItsPackets) {
  const std::map<std::uint16_t, std::size_t> sizes = {{1, 1400}, {2, 200}, {3, 700}, {900, 1280}};
  for (const auto& [bucket, size] : sizes)
    for (std::size_t bytes = 0; bytes < 400'000; bytes += size) push(bucket, size);
  std::map<std::uint16_t, std::size_t> bytes;
  std::size_t all = 0;
  while (all < 800'000) {
    const auto next = pop();
    ASSERT_TRUE(next);
    bytes[next->bucket] += next->size;
    all += next->size;
  }
  for (const auto& [bucket, size] : sizes)
    EXPECT_NEAR(static_cast<double>(bytes[bucket]), 200'000, 2.0 * FairQueue::kQuantum) << bucket;
}

TEST_F(FairQueueTest, KeepsTheOrderWithinABucketForAnySequenceOfCalls) {
  base::Rng rng(11);
  std::map<std::uint16_t, std::uint32_t> next_of;
  for (int i = 0; i < 20'000; ++i) {
    const auto at = i * 50us;
    if (rng.below(100) < 52) {
      push(static_cast<std::uint16_t>(rng.below(8) * rng.below(8)), 60 + rng.below(1400), at);
      continue;
    }
    const bool was_empty = queue_.empty();
    const auto next = pop(at);
    EXPECT_FALSE(was_empty && next);
    if (!next) continue;
    EXPECT_GE(next->number, next_of[next->bucket]);
    next_of[next->bucket] = next->number + 1;
  }
  while (const auto next = pop(2s)) {
    EXPECT_GE(next->number, next_of[next->bucket]);
    next_of[next->bucket] = next->number + 1;
  }
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.bytes(), base::Bytes{0});
}

// One packet leaves every millisecond, as many come.
TEST_F(FairQueueTest, DropsOfAQueueThatStands) {
  for (int i = 0; i < 200; ++i) push(1, 1000);
  std::size_t out = 0;
  for (auto at = 0ms; at < 2s; at += 1ms) {
    push(1, 1000, at);
    out += pop(at) ? 1 : 0;
  }
  EXPECT_GT(queue_.counts().drops, 5U);
  EXPECT_EQ(queue_.counts().marks, 0U);
  EXPECT_EQ(out + queue_.counts().drops + queue_.packets(), 2200U) << "every packet is somewhere";
}

TEST_F(FairQueueTest, MarksPacketsInsteadWhereTheirEndsUnderstandIt) {
  for (int i = 0; i < 200; ++i) push(1, 1000, 0ms, 2);
  std::size_t marked = 0;
  for (auto at = 0ms; at < 2s; at += 1ms) {
    push(1, 1000, at, 2);
    const auto next = pop(at);
    ASSERT_TRUE(next);
    marked += next->ecn == 3 ? 1 : 0;
  }
  EXPECT_GT(marked, 5U);
  EXPECT_EQ(queue_.counts().marks, marked);
  EXPECT_EQ(queue_.counts().drops, 0U);
}

// Twice what leaves, a packet a millisecond, for ten seconds.
TEST_F(FairQueueTest, LetsNoFlowThatAnswersNothingWaitForLong) {
  std::uint32_t newest = 0;
  for (auto at = 0ms; at < 10s; at += 1ms) {
    push(1, 1000, at, 1);
    if (at % 2ms == 0ms) newest = pop(at)->number;
  }
  EXPECT_LE(queue_.packets(), 2'050U);
  EXPECT_GE(newest, 7'900U) << "two seconds old";
}

TEST_F(FairQueueTest, SparesAFlowThatDoesNotWaitWhileItDropsOfAnother) {
  for (int i = 0; i < 200; ++i) push(1, 1000);
  std::uint32_t sparse = 0;
  for (auto at = 0ms; at < 2s; at += 1ms) {
    push(1, 1000, at);
    if (at % 50ms == 0ms) push(2, 100, at);
    const auto next = pop(at);
    if (!next || next->bucket != 2) continue;
    EXPECT_EQ(next->number, sparse++);
  }
  EXPECT_EQ(sparse, 40U);
  EXPECT_GT(queue_.counts().drops, 5U);
}

TEST_F(FairQueueTest, ShortensTheLongestFlowAtItsOldestEndWhenItIsFull) {
  for (int i = 0; i < 100; ++i) push(2, 1000);
  while (queue_.bytes().value + 1000 <= FairQueue::kMaxBytes) push(1, 1000);
  EXPECT_EQ(queue_.counts().drops, 0U);
  for (int i = 0; i < 50; ++i) push(2, 1000);
  EXPECT_LE(queue_.bytes().value, FairQueue::kMaxBytes);
  EXPECT_EQ(queue_.counts().drops, 50U);
  std::map<std::uint16_t, std::uint32_t> first;
  while (const auto next = pop()) first.try_emplace(next->bucket, next->number);
  EXPECT_EQ(first[1], 50U) << "the oldest of the longest";
  EXPECT_EQ(first[2], 0U);
}

std::vector<std::uint8_t> ack_with_headroom(std::uint32_t acknowledged) {
  auto bytes = ack(acknowledged);
  bytes.insert(bytes.begin(), base::kHeadroom, 0);
  return bytes;
}

TEST_F(FairQueueTest, KeepsOfWaitingAcknowledgementsTheNewestAlone) {
  for (const std::uint32_t acknowledged : {1000U, 2000U, 3000U}) {
    auto bytes = ack_with_headroom(acknowledged);
    queue_.push(queue_.copy_of({base::ByteSpan(bytes).subspan(base::kHeadroom)}, {1}, kStart));
  }
  EXPECT_EQ(queue_.packets(), 1U);
  EXPECT_EQ(queue_.counts().superseded, 2U);
  auto next = queue_.pop(kStart);
  ASSERT_TRUE(next);
  EXPECT_EQ(wire::load_u32(next->packet.packet().bytes.subspan(20), 8), 3000U);
  EXPECT_FALSE(queue_.pop(kStart));
}

TEST_F(FairQueueTest, LetsFewAcknowledgementsPassBesideOthers) {
  // How long a packet takes, and how many acknowledgements are among a hundred.
  const std::pair<base::Duration, int> cases[]{{30ms, 50}, {1ms, 11}};
  queue_.set_codel({.target = 1h, .interval = 1h});
  for (const auto& [each, expected] : cases) {
    queue_.clear();
    std::uint32_t acknowledged = 0;
    int acks = 0;
    for (int i = 0; i < 100; ++i) push(2, 1500);
    for (int i = 0; i < 100; ++i) {
      auto bytes = ack_with_headroom(acknowledged += 1000);  // they come faster than they can go
      queue_.push(queue_.copy_of({base::ByteSpan(bytes).subspan(base::kHeadroom)}, {1}, kStart));
      const auto next = queue_.pop(kStart + i * each);
      if (next && next->packet.bucket.value == 1) ++acks;
    }
    EXPECT_NEAR(acks, expected, 3) << base::to_milliseconds(each);
  }
}

TEST_F(FairQueueTest, KeepsTheNewestOfAFlowWhereItIsAskedTo) {
  push(7, 100);
  for (int i = 0; i < 10; ++i) push_newest(3, 4);
  EXPECT_EQ(queue_.packets(), 5U) << "the other flow keeps its own";
  EXPECT_EQ(queue_.counts().drops, 6U);
  pop();
  for (std::uint32_t number = 6; number < 10; ++number) EXPECT_EQ(pop()->number, number);
}

TEST_F(FairQueueTest, ForgetsWhatIsNumberedAlone) {
  push(1, 100);
  std::vector<std::uint8_t> bytes(base::kHeadroom + 300);
  auto numbered_packet = queue_.copy_of({numbered(bytes, 1, 0)}, {1}, kStart);
  numbered_packet.sequence = base::FlowSequence{7};
  queue_.push(std::move(numbered_packet));
  push(1, 100);
  EXPECT_EQ(queue_.clear_numbered(), 1U);
  EXPECT_EQ(queue_.packets(), 2U);
  EXPECT_EQ(queue_.bytes(), base::Bytes{200});
  for (const std::uint32_t number : {0U, 2U}) EXPECT_EQ(pop()->number, number);
  EXPECT_FALSE(pop());
}

TEST_F(FairQueueTest, ForgetsAllThatWaitsAndGoesOn) {
  for (std::uint16_t bucket = 0; bucket < 10; ++bucket)
    for (int i = 0; i < 7; ++i) push(bucket, 1400);
  ASSERT_TRUE(pop());
  EXPECT_EQ(queue_.clear(), 69U);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.bytes(), base::Bytes{0});
  EXPECT_FALSE(pop());
  push(3, 100);
  const auto next = pop();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->number, 7U);
}

}  // namespace
}  // namespace sennit::outbound
