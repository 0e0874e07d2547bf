#include "link/one_way_delay.hpp"

#include <gtest/gtest.h>

namespace sennit::link {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kStart{1h};

TEST(OneWayDelay, IsUnknownAtFirst) {
  const OneWayDelay delay;
  EXPECT_FALSE(delay.is_known());
  EXPECT_EQ(delay.queue(), 0ms);
}

// The clocks may be far apart: the least delay may be anything.
TEST(OneWayDelay, TellsTheQueueAboveTheLeastDelayWhateverTheClocksSay) {
  for (const base::Duration offset : {base::Duration{}, base::Duration(20min), base::Duration(-20min)}) {
    OneWayDelay delay;
    auto now = kStart;
    struct Row {
      base::Duration seen;
      base::Duration queue;
    };
    for (const auto& [seen, queue] :
         {Row{10ms, 0ms}, Row{15ms, 5ms}, Row{12ms, 2ms}, Row{9ms, 0ms}, Row{29ms, 20ms}}) {
      delay.add(offset + seen, now += 100ms);
      EXPECT_EQ(delay.queue(), queue);
    }
    EXPECT_EQ(delay.base(), offset + 9ms);
  }
}

TEST(OneWayDelay, ForgetsAFormerRoutesDelayWithinTwoSlots) {
  OneWayDelay delay;
  auto now = kStart;
  for (int i = 0; i < 100; ++i) delay.add(10ms, now += 100ms);
  for (; now < kStart + 10s + 2 * OneWayDelay::kSlot; now += 100ms) delay.add(50ms, now);
  delay.add(50ms, now += 200ms);
  EXPECT_EQ(delay.base(), 50ms);
  EXPECT_EQ(delay.queue(), 0ms);
}

TEST(OneWayDelay, RemembersTheLeastForASlotWhileAQueueStands) {
  OneWayDelay delay;
  delay.add(10ms, kStart);
  for (auto at = 100ms; at < OneWayDelay::kSlot; at += 100ms) {
    delay.add(40ms, kStart + at);
    EXPECT_EQ(delay.queue(), 30ms);
  }
}

TEST(OneWayDelay, TakesThePresentForTheBaseWhenItIsToldTo) {
  OneWayDelay delay;
  delay.rebase(kStart);
  EXPECT_FALSE(delay.is_known());
  delay.add(10ms, kStart);
  delay.add(60ms, kStart + 1s);
  delay.rebase(kStart + 1s);
  EXPECT_EQ(delay.base(), 60ms);
  EXPECT_EQ(delay.queue(), 0ms);
  delay.add(15ms, kStart + 2s);
  EXPECT_EQ(delay.base(), 15ms);
}

}  // namespace
}  // namespace sennit::link
