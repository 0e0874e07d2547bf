#include "client/timestamp_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace sennit::client {
namespace {

using namespace std::chrono_literals;

class TimestampFileTest : public testing::Test {
 protected:
  static std::uint64_t stamp(base::WallTime time) {
    return static_cast<std::uint64_t>(time.time_since_epoch().count());
  }
  void TearDown() override { std::filesystem::remove(path); }

  const std::filesystem::path path =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name();
  const base::WallTime start{1'800'000'000s};
  TimestampFile file{path};
};

TEST_F(TimestampFileTest, IsZeroWhereNoRunLeftOne) {
  EXPECT_EQ(file.read(), 0U);
}

TEST_F(TimestampFileTest, TellsNoLessThanWhatWasSentAndIsSeldomWritten) {
  unsigned writes = 0;
  std::uint64_t before = 0;
  for (auto now = start; now < start + 1h; now += 10s) {
    file.renew(stamp(now - 10s), now);
    EXPECT_GE(file.read(), stamp(now + 10s)) << "a handshake before the next renewal";
    if (std::exchange(before, file.read()) != file.read()) ++writes;
  }
  EXPECT_LE(writes, 13U);
}

TEST_F(TimestampFileTest, FollowsAClockThatIsSetForward) {
  file.renew(1, base::WallTime{100s});
  file.renew(2, start);
  EXPECT_GT(file.read(), stamp(start));
}

TEST_F(TimestampFileTest, DoesNotRunAwayByCrashes) {
  for (int crash = 0; crash < 1000; ++crash) {
    TimestampFile next(path);
    const auto sent = std::max(next.read() + 1, stamp(start));
    next.renew(sent, start);
    EXPECT_GT(next.read(), sent);
  }
  EXPECT_LE(file.read(), stamp(start + TimestampFile::kAhead + 2s));
}

TEST_F(TimestampFileTest, TellsWhatWasSentAfterACleanEnd) {
  file.renew(stamp(start), start);
  file.settle(stamp(start));
  EXPECT_EQ(TimestampFile(path).read(), stamp(start));
}

}  // namespace
}  // namespace sennit::client
