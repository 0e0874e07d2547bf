#include "io/driver.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <vector>

#include "io/clock.hpp"

namespace sennit::io {
namespace {

// A descriptor that is readable while its count is not zero.
class Event {
 public:
  explicit Event(unsigned count) : fd_(::eventfd(count, EFD_NONBLOCK | EFD_CLOEXEC | EFD_SEMAPHORE)) {}
  int fd() const { return fd_.get(); }
  void take() const {
    std::uint64_t value = 0;
    EXPECT_EQ(::read(fd(), &value, sizeof(value)), 8);
  }

 private:
  base::FileDescriptor fd_;
};

// Ends a run that would otherwise hang.
void stop_within(Driver& driver, std::chrono::milliseconds time) {
  driver.on_wakeup([&driver] { driver.stop(); });
  driver.set_wakeup(read_clock().monotonic + time);
}

TEST(Driver, ReportsAgainWhatWasNotReadYet) {
  Driver driver;
  const Event event(3);
  int calls = 0;
  driver.watch(event.fd(), [&] {
    event.take();
    if (++calls == 3) driver.stop();
  });
  stop_within(driver, std::chrono::seconds(5));
  driver.run();
  EXPECT_EQ(calls, 3);
}

TEST(Driver, StopsWatchingFromWithinTheCallback) {
  Driver driver;
  const Event event(1);
  int calls = 0;
  driver.watch(event.fd(), [&] {
    ++calls;
    driver.unwatch(event.fd());
  });
  stop_within(driver, std::chrono::milliseconds(20));
  driver.run();
  EXPECT_EQ(calls, 1);
}

TEST(Driver, NeverClosesWhatItWatched) {
  const Event event(1);
  {
    Driver driver;
    driver.watch(event.fd(), [] {});
  }
  event.take();
}

TEST(Driver, WatchesADescriptorAnewWithAnotherCallback) {
  Driver driver;
  const Event event(1);
  int first = 0;
  driver.watch(event.fd(), [&] { ++first; });
  driver.watch(event.fd(), [&] { driver.stop(); });
  driver.run();
  EXPECT_EQ(first, 0);
}

TEST(Driver, WakesUpNeitherEarlyNorTwice) {
  Driver driver;
  std::vector<base::Duration> late;
  const auto start = read_clock().monotonic;
  auto due = start + std::chrono::milliseconds(2);
  driver.on_wakeup([&] {
    late.push_back(read_clock().monotonic - due);
    if (late.size() == 3) return driver.stop();
    due += std::chrono::milliseconds(2);
    driver.set_wakeup(due);
  });
  driver.set_wakeup(due);
  driver.run();
  ASSERT_EQ(late.size(), 3U);
  for (const auto lateness : late) EXPECT_GE(lateness, base::Duration::zero());
}

TEST(Driver, ReplacesTheWakeUpTime) {
  Driver driver;
  int calls = 0;
  const auto start = read_clock().monotonic;
  driver.on_wakeup([&] {
    ++calls;
    driver.stop();
  });
  driver.set_wakeup(start + std::chrono::hours(1));
  driver.set_wakeup(base::kNever);
  driver.set_wakeup(start - std::chrono::seconds(1));
  driver.run();
  EXPECT_EQ(calls, 1);
  EXPECT_LT(read_clock().monotonic - start, std::chrono::minutes(1));
}

TEST(Driver, TakesATimeBeforeTheClockBeganForNow) {
  Driver driver;
  driver.on_wakeup([&] { driver.stop(); });
  driver.set_wakeup(base::Instant::min());
  driver.run();
}

TEST(Driver, CallsTheStopFunctionForEachStopSignal) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    Driver driver;
    int calls = 0;
    driver.on_stop([&] {
      ++calls;
      driver.stop();
    });
    ::raise(signal);
    driver.run();
    EXPECT_EQ(calls, 1) << signal;
  }
}

TEST(Driver, LeavesAHangUpIgnoredThatWasIgnored) {
  auto* const before = std::signal(SIGHUP, SIG_IGN);
  {
    Driver driver;
    driver.on_stop([] { FAIL() << "nohup asks for the contrary"; });
    ::raise(SIGHUP);
    stop_within(driver, std::chrono::milliseconds(20));
    driver.run();
  }
  EXPECT_EQ(std::signal(SIGHUP, before), SIG_IGN);
}

TEST(Driver, RunsAgainAfterAStop) {
  Driver driver;
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    boost::asio::post(driver.io_context(), [&] {
      ++runs;
      driver.stop();
    });
    driver.run();
  }
  EXPECT_EQ(runs, 2);
}

TEST(Clock, DoesNotGoBackwards) {
  const auto first = read_clock();
  const auto second = read_clock();
  EXPECT_GE(second.monotonic, first.monotonic);
  EXPECT_GT(first.wall.time_since_epoch(), std::chrono::years(50));
}

}  // namespace
}  // namespace sennit::io
