#include "link/path.hpp"

#include <gtest/gtest.h>

namespace sennit::link {
namespace {

using namespace std::chrono_literals;
constexpr base::Instant kStart{100s};

base::Route some_route() {
  return {base::SocketId{1}, {}, *base::SocketAddress::parse("192.0.2.1:6000")};
}

Path path_that_is_up() {
  Path path(base::PathId{3});
  path.attach(some_route());
  path.mark_reachable();
  return path;
}

TEST(Path, IsDownWithoutARouteAndConnectingWithOne) {
  Path path(base::PathId{0});
  EXPECT_EQ(path.state(), PathState::kDown);
  path.attach(some_route());
  EXPECT_EQ(path.state(), PathState::kConnecting);
  EXPECT_FALSE(path.is_usable());
}

TEST(Path, IsUpOnceReachableAndDownWhenUnreachable) {
  Path path = path_that_is_up();
  EXPECT_EQ(path.state(), PathState::kUp);
  EXPECT_TRUE(path.is_usable());
  path.mark_unreachable();
  EXPECT_EQ(path.state(), PathState::kDown);
  EXPECT_FALSE(path.is_usable());
  path.mark_reachable();
  EXPECT_EQ(path.state(), PathState::kUp);
}

TEST(Path, IsDownWhenDetachedOrWithdrawn) {
  Path detached = path_that_is_up();
  detached.detach();
  EXPECT_EQ(detached.state(), PathState::kDown);
  Path withdrawn = path_that_is_up();
  withdrawn.withdrawn = true;
  EXPECT_EQ(withdrawn.state(), PathState::kDown);
  EXPECT_FALSE(withdrawn.is_usable());
}

TEST(Path, SaysBackupWhenItIsHeldInReserve) {
  Path path = path_that_is_up();
  path.use = PathUse::kBackup;
  EXPECT_EQ(path.state(), PathState::kBackup);
  EXPECT_TRUE(path.is_usable());
}

TEST(Path, IsLossyAboveTwoPercentButStillUsable) {
  Path path = path_that_is_up();
  path.loss.report(0, 0);
  path.loss.report(900, 1000);
  EXPECT_EQ(path.state(), PathState::kLossy);
  EXPECT_TRUE(path.is_usable());
}

TEST(Path, ForgetsWhatItMeasuredOverAFormerRoute) {
  Path path = path_that_is_up();
  path.rtt.add(50ms, kStart);
  path.note_one_way_delay(0, 1000, kStart);
  path.note_one_way_delay(0, 9000, kStart);
  EXPECT_EQ(path.rx_queue_delay(), 8ms);
  path.attach(some_route());
  EXPECT_FALSE(path.rtt.known());
  EXPECT_EQ(path.rx_queue_delay(), 0ms);
  EXPECT_EQ(path.state(), PathState::kConnecting);
}

// The other end's clock may be anywhere: each offset, and one where the difference passes 2^31 and 2^32.
TEST(Path, FindsTheQueueingDelayWhateverTheOtherClockSays) {
  for (const std::uint32_t offset : {0U, 1U, 0x7FFF'FF00U, 0x8000'0000U, 0xFFFF'FF00U}) {
    Path path = path_that_is_up();
    std::uint32_t sent = 0;
    for (const std::uint32_t delay : {10'000U, 10'500U, 9'000U, 29'000U}) {
      sent += 100'000;
      path.note_one_way_delay(sent, sent + offset + delay, kStart);
    }
    EXPECT_EQ(path.rx_queue_delay(), 20ms) << offset;
  }
}

TEST(Path, AttributesTheRestOfTheRoundTripToTheWayOut) {
  Path path = path_that_is_up();
  EXPECT_EQ(path.tx_queue_delay(kStart), 0ms);
  path.rtt.add(20ms, kStart);
  path.note_one_way_delay(0, 10'000, kStart);
  path.rtt.add(50ms, kStart + 1s);
  path.note_one_way_delay(0, 22'000, kStart + 1s);
  EXPECT_EQ(path.rx_queue_delay(), 12ms);
  EXPECT_EQ(path.tx_queue_delay(kStart + 1s), 18ms);
}

TEST(Path, NeverTellsANegativeQueueingDelay) {
  Path path = path_that_is_up();
  path.rtt.add(20ms, kStart);
  path.note_one_way_delay(0, 10'000, kStart);
  path.note_one_way_delay(0, 60'000, kStart);
  EXPECT_EQ(path.tx_queue_delay(kStart), 0ms);
}

TEST(PathState, HasANameForEachState) {
  EXPECT_EQ(to_string(PathState::kConnecting), "connecting");
  EXPECT_EQ(to_string(PathState::kUp), "up");
  EXPECT_EQ(to_string(PathState::kLossy), "lossy");
  EXPECT_EQ(to_string(PathState::kDown), "down");
  EXPECT_EQ(to_string(PathState::kBackup), "backup");
}

}  // namespace
}  // namespace sennit::link
