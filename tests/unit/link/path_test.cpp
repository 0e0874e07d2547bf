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

TEST(Path, TellsTheQueueOfTheWayOutAsReportsGiveIt) {
  Path path = path_that_is_up();
  EXPECT_EQ(path.tx_queue_delay(), 0ms);
  path.way_out.add(10ms, kStart);
  path.way_out.add(22ms, kStart + 1s);
  EXPECT_EQ(path.tx_queue_delay(), 12ms);
}

TEST(Path, ForgetsRateAndDelayOfTheWayOutOverAFormerRouteButNotWhatWasTold) {
  Path path = path_that_is_up();
  path.capacity.tell({5'000'000});
  path.way_out.add(10ms, kStart);
  path.way_out.add(40ms, kStart);
  path.is_suspect = true;
  path.pacer.set_rate({1'000});
  path.pacer.note_sent({100'000}, kStart);
  path.attach(some_route());
  EXPECT_FALSE(path.way_out.is_known());
  EXPECT_EQ(path.tx_queue_delay(), 0ms);
  EXPECT_FALSE(path.is_suspect);
  EXPECT_EQ(path.pacer.rate(), base::BitRate{5'000'000});
  EXPECT_TRUE(path.pacer.is_open(kStart)) << "the backlog was the former route's";
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
