#include "inbound/reassemble.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/rng.hpp"

namespace sennit::inbound {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
constexpr base::Instant kStart{100s};

struct Fragment {
  wire::DataHeader header;
  Bytes piece;
};

Fragment fragment(std::uint32_t sequence, std::uint8_t number, bool is_last, Bytes piece) {
  const auto flags = static_cast<std::uint8_t>(number | (is_last ? 0x80U : 0U));
  return {{wire::FrameKind::kFragment, flags, {3}, {sequence}}, std::move(piece)};
}

std::vector<Fragment> split(std::uint32_t sequence, const Bytes& packet, std::size_t count) {
  std::vector<Fragment> fragments;
  const std::size_t piece = (packet.size() + count - 1) / count;
  for (std::size_t i = 0; i < count; ++i) {
    const auto from = packet.begin() + static_cast<std::ptrdiff_t>(i * piece);
    const auto to = i + 1 == count ? packet.end() : from + static_cast<std::ptrdiff_t>(piece);
    fragments.push_back(fragment(sequence, static_cast<std::uint8_t>(i), i + 1 == count, Bytes(from, to)));
  }
  return fragments;
}

template <class T>
void shuffle(std::vector<T>& values, base::Rng& rng) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[rng.below(i)]);
}

TEST(Reassembler, JoinsFragmentsInAnyOrderWithDuplicates) {
  base::Rng rng(5);
  Reassembler reassembler;
  for (std::uint32_t round = 0; round < 200; ++round) {
    std::map<std::uint32_t, Bytes> packets;
    std::vector<Fragment> arriving;
    for (std::uint32_t i = 0; i < 6; ++i) {
      const std::uint32_t sequence = round * 6 + i;
      Bytes packet(800 + rng.below(1000));
      std::ranges::generate(packet, [&] { return static_cast<std::uint8_t>(rng()); });
      for (auto& piece : split(sequence, packet, 1 + rng.below(8))) arriving.push_back(std::move(piece));
      packets[sequence] = std::move(packet);
    }
    const auto copies = arriving;
    arriving.insert(arriving.end(), copies.begin(), copies.end());
    shuffle(arriving, rng);
    std::map<std::uint32_t, Bytes> whole;
    for (const auto& [header, piece] : arriving) {
      if (const auto packet = reassembler.add(header, piece, kStart)) {
        whole[header.sequence.value] = Bytes(packet->begin(), packet->end());
      }
    }
    ASSERT_EQ(whole, packets);
    reassembler.expire(kStart + 2s);
  }
}

TEST(Reassembler, DoesNotMixPacketsOfDifferentBuckets) {
  Reassembler reassembler;
  auto other = fragment(1, 1, true, {9});
  other.header.bucket = {4};
  EXPECT_FALSE(reassembler.add(fragment(1, 0, false, {1}).header, Bytes{1}, kStart).has_value());
  EXPECT_FALSE(reassembler.add(other.header, other.piece, kStart).has_value());
}

TEST(Reassembler, GivesUpWhatWaitedASecond) {
  Reassembler reassembler;
  EXPECT_EQ(reassembler.next_expiry(), base::kNever);
  const auto first = fragment(1, 0, false, {1});
  const auto second = fragment(2, 0, false, {1});
  reassembler.add(first.header, first.piece, kStart);
  reassembler.add(second.header, second.piece, kStart + 500ms);
  EXPECT_EQ(reassembler.next_expiry(), kStart + 1s);
  EXPECT_EQ(reassembler.expire(kStart + 999ms), 0U);
  EXPECT_EQ(reassembler.expire(kStart + 1s), 1U);
  EXPECT_EQ(reassembler.next_expiry(), kStart + 1500ms);
  EXPECT_EQ(reassembler.expire(kStart + 2s), 1U);
  EXPECT_EQ(reassembler.next_expiry(), base::kNever);
}

TEST(Reassembler, MakesRoomForNewPacketsByGivingUpTheOldest) {
  Reassembler reassembler;
  constexpr std::uint32_t kExtra = 1000;
  for (std::uint32_t i = 0; i < Reassembler::kMaxPending + kExtra; ++i) {
    const auto head = fragment(i, 0, false, Bytes(100));
    reassembler.add(head.header, head.piece, kStart);
  }
  const auto newest = fragment(Reassembler::kMaxPending + kExtra - 1, 1, true, {1});
  EXPECT_TRUE(reassembler.add(newest.header, newest.piece, kStart).has_value());
  EXPECT_EQ(reassembler.expire(kStart + 1s), Reassembler::kMaxPending + kExtra - 1);
}

TEST(Reassembler, HoldsNoMoreThanTheLargestPacketForOneThatClaimsToBeLarger) {
  Reassembler reassembler;
  for (std::uint8_t number = 0; number < 8; ++number) {
    const auto huge = fragment(1, number, number == 7, Bytes(Reassembler::kMaxPacket / 4));
    EXPECT_FALSE(reassembler.add(huge.header, huge.piece, kStart).has_value());
  }
  EXPECT_GT(reassembler.expire(kStart + 1s), 0U);
  const auto alone = fragment(2, 0, true, Bytes(Reassembler::kMaxPacket + 1));
  EXPECT_FALSE(reassembler.add(alone.header, alone.piece, kStart).has_value());
  const auto largest = fragment(3, 0, true, Bytes(Reassembler::kMaxPacket));
  EXPECT_TRUE(reassembler.add(largest.header, largest.piece, kStart).has_value());
}

TEST(Reassembler, LetsTheFirstOfTwoConflictingFragmentsCount) {
  Reassembler reassembler;
  const auto genuine = fragment(1, 0, false, {1, 2});
  const auto conflicting = fragment(1, 0, true, {7, 7, 7});
  const auto tail = fragment(1, 1, true, {3});
  EXPECT_FALSE(reassembler.add(genuine.header, genuine.piece, kStart).has_value());
  EXPECT_FALSE(reassembler.add(conflicting.header, conflicting.piece, kStart).has_value());
  const auto whole = reassembler.add(tail.header, tail.piece, kStart);
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(Bytes(whole->begin(), whole->end()), (Bytes{1, 2, 3}));
}

TEST(Reassembler, IgnoresPositionsBeyondTheEighth) {
  Reassembler reassembler;
  const auto beyond = fragment(1, 8, true, {1});
  EXPECT_FALSE(reassembler.add(beyond.header, beyond.piece, kStart).has_value());
  EXPECT_EQ(reassembler.next_expiry(), base::kNever);
}

}  // namespace
}  // namespace sennit::inbound
