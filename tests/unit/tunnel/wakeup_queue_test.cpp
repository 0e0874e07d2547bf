#include "tunnel/wakeup_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "base/rng.hpp"

namespace sennit::tunnel {
namespace {

using namespace std::chrono_literals;
const base::Instant kStart = base::Instant{} + 1h;

TEST(WakeupQueue, ReturnsAPeerOnceWhenItsTimeHasCome) {
  WakeupQueue queue(2);
  queue.set({1}, kStart + 1s);
  EXPECT_EQ(queue.next(), kStart + 1s);
  EXPECT_EQ(queue.pop_due(kStart), std::nullopt);
  EXPECT_EQ(queue.pop_due(kStart + 1s), base::PeerId{1});
  EXPECT_EQ(queue.pop_due(kStart + 9s), std::nullopt);
  EXPECT_EQ(queue.next(), base::kNever);
}

TEST(WakeupQueue, ALaterWishReplacesAnEarlierOne) {
  WakeupQueue queue(1);
  queue.set({0}, kStart + 1s);
  queue.set({0}, kStart + 5s);
  EXPECT_EQ(queue.pop_due(kStart + 2s), std::nullopt);
  EXPECT_EQ(queue.pop_due(kStart + 5s), base::PeerId{0});
}

TEST(WakeupQueue, AgreesWithATableOfWishes) {
  base::Rng rng(7);
  constexpr std::uint32_t kPeers = 20;
  WakeupQueue queue(kPeers);
  std::vector<base::Instant> wishes(kPeers, base::kNever);
  auto now = kStart;
  for (int step = 0; step < 20'000; ++step) {
    const base::PeerId peer{static_cast<std::uint32_t>(rng.below(kPeers))};
    const auto wish = rng.below(10) == 0 ? base::kNever : now + std::chrono::milliseconds(1 + rng.below(50));
    queue.set(peer, wish);
    wishes[peer.value] = wish;
    now += std::chrono::milliseconds(rng.below(3));
    while (const auto due = queue.pop_due(now)) {
      ASSERT_LE(wishes[due->value], now);
      wishes[due->value] = base::kNever;
    }
    for (const auto open : wishes) ASSERT_GT(open, now);
    for (const auto open : wishes) ASSERT_LE(queue.next(), open);
  }
}

}  // namespace
}  // namespace sennit::tunnel
