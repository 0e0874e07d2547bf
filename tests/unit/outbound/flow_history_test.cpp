#include "outbound/flow_history.hpp"

#include <gtest/gtest.h>

namespace sennit::outbound {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kNow{std::chrono::hours(1)};
constexpr base::FlowBucket kFlow{9};
constexpr base::FlowBucket kOther{10};

TEST(FlowHistory, TellsWhatAFlowSentInTheSlotUnderWayAndTheOneBefore) {
  FlowHistory history;
  EXPECT_EQ(history.sent(kFlow, kNow).value, 0U);
  history.note_sent(kFlow, {100}, kNow);
  history.note_sent(kFlow, {20}, kNow + 19ms);
  history.note_sent(kOther, {5000}, kNow + 19ms);
  EXPECT_EQ(history.sent(kFlow, kNow + 19ms).value, 120U);
  EXPECT_EQ(history.sent(kFlow, kNow + 39ms).value, 120U);
  history.note_sent(kFlow, {3}, kNow + 39ms);
  EXPECT_EQ(history.sent(kFlow, kNow + 39ms).value, 123U);
  EXPECT_EQ(history.sent(kFlow, kNow + 40ms).value, 3U);
  EXPECT_EQ(history.sent(kFlow, kNow + 60ms).value, 0U);
  history.note_sent(kFlow, {7}, kNow + 200ms);
  EXPECT_EQ(history.sent(kFlow, kNow + 200ms).value, 7U);
}

TEST(FlowHistory, RemembersForAMomentOverWhichPathAFlowWasSpreadAndTheMostThatItSentMeanwhile) {
  FlowHistory history;
  EXPECT_FALSE(history.spread(kFlow, kNow));
  history.note_sent(kFlow, {9000}, kNow);
  history.note_spread(kFlow, base::PathId{2}, kNow);
  ASSERT_TRUE(history.spread(kFlow, kNow + 699ms));
  EXPECT_FALSE(history.spread(kFlow, kNow + 700ms));
  EXPECT_FALSE(history.spread(kOther, kNow));
  history.note_sent(kFlow, {1000}, kNow + 500ms);
  history.note_spread(kFlow, base::PathId{3}, kNow + 500ms);
  const auto spread = history.spread(kFlow, kNow + 1s);
  ASSERT_TRUE(spread);
  EXPECT_EQ(spread->path, base::PathId{3});
  EXPECT_EQ(spread->sent.value, 9000U);
  history.note_sent(kFlow, {1000}, kNow + 2s);
  history.note_spread(kFlow, base::PathId{3}, kNow + 2s);
  EXPECT_EQ(history.spread(kFlow, kNow + 2s)->sent.value, 1000U) << "what was before is forgotten";
}

}  // namespace
}  // namespace sennit::outbound
