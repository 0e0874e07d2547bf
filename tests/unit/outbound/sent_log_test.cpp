#include "outbound/sent_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sennit::outbound {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kStart{1h};

class SentLogTest : public testing::Test {
 protected:
  // A datagram of 1000 bytes on the wire, sent as many milliseconds after the start as its counter says.
  SentDatagram& send(std::uint64_t counter) {
    return log_.add(counter, {972}, {1000}, kStart + counter * 1ms, pool_);
  }
  void send(std::uint64_t first, std::uint64_t end) {
    for (auto counter = first; counter < end; ++counter) send(counter);
  }
  bool knows(std::uint64_t counter) {
    const auto* found = log_.find(static_cast<std::uint32_t>(counter));
    return found != nullptr && found->counter == counter;
  }

  BufferPool pool_;
  SentLog log_;
};

TEST_F(SentLogTest, KnowsNothingBeforeTheFirst) {
  for (const std::uint32_t low : {0U, 1U, 0xFFFF'FFFFU}) EXPECT_EQ(log_.find(low), nullptr);
  EXPECT_EQ(log_.end(), 0U);
  EXPECT_EQ(log_.count_limited(0, 100), 0U);
  EXPECT_FALSE(log_.has_report());
}

TEST_F(SentLogTest, AddsUpWhatWasSent) {
  send(0, 5);
  const auto* third = log_.find(2);
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(third->sent_at, kStart + 2ms);
  EXPECT_EQ(third->bytes_through, 3000U);
  EXPECT_EQ(third->payload_through, 3U * 972);
  EXPECT_EQ(third->sendings, 1);
  EXPECT_EQ(log_.end(), 5U);
}

TEST_F(SentLogTest, RemembersEverythingThatWasNotReportedUpToItsLimit) {
  send(0, SentLog::kMost);
  for (std::uint64_t counter = 0; counter < SentLog::kMost; ++counter) ASSERT_TRUE(knows(counter)) << counter;
  send(SentLog::kMost);
  EXPECT_FALSE(knows(0));
  EXPECT_TRUE(knows(1));
  EXPECT_TRUE(knows(SentLog::kMost));
}

TEST_F(SentLogTest, RemembersTheLastFewWhateverWasReported) {
  for (std::uint64_t counter = 0; counter < 5000; ++counter) {
    log_.note_reported(send(counter));
    for (std::uint64_t back = 0; back < std::min<std::uint64_t>(counter + 1, SentLog::kFirst); ++back)
      ASSERT_TRUE(knows(counter - back)) << counter << " " << back;
  }
}

TEST_F(SentLogTest, FindsNothingThatIsYetToBeSent) {
  send(0, 100);
  for (std::uint32_t ahead = 0; ahead < 1000; ++ahead) EXPECT_EQ(log_.find(100 + ahead), nullptr);
}

TEST_F(SentLogTest, FindsByLowBitsWhereTheyWrapAround) {
  constexpr std::uint64_t kFirst = 0xFFFF'FFFFU - 50;
  send(kFirst, kFirst + 100);
  for (auto counter = kFirst; counter < kFirst + 100; ++counter) EXPECT_TRUE(knows(counter)) << counter;
  EXPECT_FALSE(knows(kFirst - 1));
  EXPECT_FALSE(knows(kFirst + 100));
}

TEST_F(SentLogTest, CountsWhatWasSentWhileMoreWaited) {
  for (std::uint64_t counter = 0; counter < 100; ++counter) send(counter).was_limited = counter % 2 == 1;
  EXPECT_EQ(log_.count_limited(0, 99), 50U);
  EXPECT_EQ(log_.count_limited(10, 10), 0U);
  EXPECT_EQ(log_.count_limited(11, 11), 1U);
  EXPECT_EQ(log_.count_limited(90, 1000), 5U) << "what is yet to be sent does not count";
}

TEST_F(SentLogTest, ForgetsFramesByTheirAgeAndKeepsTheRest) {
  for (std::uint64_t counter = 0; counter < 100; ++counter) send(counter).frame = Buffer(10, 1);
  log_.forget_frames(kStart + 40ms, pool_);
  for (std::uint64_t counter = 0; counter < 100; ++counter) {
    const auto* sent = log_.find(static_cast<std::uint32_t>(counter));
    ASSERT_NE(sent, nullptr);
    EXPECT_EQ(sent->frame.empty(), counter < 40) << counter;
  }
}

TEST_F(SentLogTest, KeepsFramesWhenItGrows) {
  for (std::uint64_t counter = 0; counter < 4 * SentLog::kFirst; ++counter)
    send(counter).frame = Buffer(1 + counter % 7, 1);
  for (std::uint64_t counter = 0; counter < 4 * SentLog::kFirst; ++counter)
    EXPECT_EQ(log_.find(static_cast<std::uint32_t>(counter))->frame.size(), 1 + counter % 7);
}

TEST_F(SentLogTest, HasNoFrameInASlotThatIsUsedAgain) {
  for (std::uint64_t counter = 0; counter < SentLog::kFirst; ++counter) {
    auto& sent = send(counter);
    sent.frame = Buffer(10, 1);
    sent.was_limited = true;
    sent.sendings = 3;
    log_.note_reported(sent);
  }
  const auto& next = send(SentLog::kFirst);
  EXPECT_TRUE(next.frame.empty());
  EXPECT_FALSE(next.was_limited);
  EXPECT_EQ(next.sendings, 1);
}

TEST_F(SentLogTest, BeginsAnewWithASession) {
  send(0, 1000);
  log_.note_reported(*log_.find(999));
  log_.restart(pool_);
  EXPECT_FALSE(log_.has_report());
  EXPECT_EQ(log_.find(999), nullptr);
  EXPECT_EQ(send(0).bytes_through, 1000U);
  EXPECT_TRUE(knows(0));
}

}  // namespace
}  // namespace sennit::outbound
