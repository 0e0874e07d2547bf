#include "control/reporter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/rng.hpp"

namespace sennit::control {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr base::Instant kStart{1h};
constexpr base::PathId kPath{3};
constexpr base::BitRate kQuickWayBack{100'000'000};
constexpr std::uint64_t kPayload = 1000;

// The receiver of one path, to which datagrams come with these counters.
class ReporterTest : public testing::Test {
 protected:
  void come(std::uint64_t counter, base::Duration at, base::BitRate way_back = kQuickWayBack) {
    const auto verdict = window_.accept(counter);
    reporter_.note_arrival(counter, {kPayload}, verdict, kStart + at);
    reporter_.note_inner(way_back, kStart + at);
  }
  bool is_due(base::Duration at) const { return reporter_.next_report() <= kStart + at; }
  wire::Report report(base::Duration at) { return reporter_.make(kPath, window_, kStart + at); }
  // The counters that a report says are missing.
  static std::vector<std::uint64_t> missing(const wire::Report& report) {
    std::vector<std::uint64_t> counters;
    for (const auto& run : report.missing())
      for (unsigned i = 0; i < run.length; ++i) counters.push_back(report.highest - run.behind + i);
    std::ranges::sort(counters);
    return counters;
  }
  // All reports from `from` on, until none is due before `until`; each is made when it is due.
  std::vector<wire::Report> reports(base::Duration from, base::Duration until) {
    std::vector<wire::Report> made;
    for (auto at = from; at < until; at += 100us)
      if (is_due(at)) made.push_back(report(at));
    return made;
  }

  crypto::ReplayWindow window_;
  Reporter reporter_;
};

using Counters = std::vector<std::uint64_t>;

TEST_F(ReporterTest, HasNothingToTellBeforeInnerPacketsCome) {
  EXPECT_EQ(reporter_.next_report(), base::kNever);
  reporter_.note_arrival(0, {kPayload}, window_.accept(0), kStart);
  EXPECT_EQ(reporter_.next_report(), base::kNever) << "control alone is not reported";
}

TEST_F(ReporterTest, TellsHowFarThePathHasComeAndWhen) {
  for (std::uint64_t counter = 0; counter < 10; ++counter) come(counter, counter * 1ms);
  const auto told = report(12ms);
  EXPECT_EQ(told.path, kPath);
  EXPECT_EQ(told.highest, 9U);
  EXPECT_EQ(told.received, 10U);
  EXPECT_EQ(told.received_bytes, 10 * kPayload);
  EXPECT_EQ(told.hold, 3000U);
  const auto second =
      std::chrono::duration_cast<std::chrono::microseconds>((kStart + 9ms).time_since_epoch());
  EXPECT_EQ(told.arrived_at, static_cast<std::uint32_t>(second.count()));
  EXPECT_TRUE(told.missing().empty());
}

TEST_F(ReporterTest, ReportsWhatCameWithinItsSlowestInterval) {
  base::Rng rng(1);
  base::Duration at{};
  base::Duration unreported_since = -1ms;
  std::uint64_t counter = 0;
  for (; at < 20s; at += 100us) {
    if (is_due(at)) {
      report(at);
      unreported_since = -1ms;
    }
    if (rng.below(rng.below(200) + 1) > 20) continue;
    come(counter++, at, {rng.below(3) * 200'000});
    if (unreported_since < 0ms) unreported_since = at;
    ASSERT_LE(at - unreported_since, Reporter::kSlowest) << at.count();
  }
}

TEST_F(ReporterTest, FallsSilentWhenNothingComesAnyMore) {
  for (std::uint64_t counter = 0; counter < 10; ++counter) come(counter, counter * 1ms);
  EXPECT_EQ(reports(10ms, 10s).size(), 1U);
  EXPECT_EQ(reporter_.next_report(), base::kNever);
}

TEST_F(ReporterTest, ReportsAtEveryIntervalWhilePacketsComeAndMoreSlowlyWhereTheWayBackIsSlow) {
  const auto count = [](base::BitRate way_back) {
    crypto::ReplayWindow window;
    Reporter reporter;
    int reports = 0;
    std::uint64_t counter = 0;
    for (auto at = 0ms; at < 10s; at += 1ms, ++counter) {
      reporter.note_arrival(counter, {kPayload}, window.accept(counter), kStart + at);
      reporter.note_inner(way_back, kStart + at);
      if (reporter.next_report() > kStart + at) continue;
      reporter.make(kPath, window, kStart + at);
      ++reports;
    }
    return reports;
  };
  const auto usual = static_cast<int>(10s / Reporter::kInterval);
  const auto fewest = static_cast<int>(10s / Reporter::kSlowest);
  EXPECT_NEAR(count(kQuickWayBack), usual, usual / 10);
  EXPECT_NEAR(count({}), usual, usual / 10) << "not known";
  EXPECT_NEAR(count({64'000}), fewest, fewest / 10);
  EXPECT_LE(count({1'000'000}), usual);
  EXPECT_GE(count({1'000'000}), count({64'000}));
}

TEST_F(ReporterTest, MarksArrivalsSpreadOverTheInterval) {
  come(0, 0ms);
  report(0ms);
  for (std::uint64_t counter = 1; counter <= 250; ++counter) come(counter, counter * 100us);
  const auto told = report(25ms);
  const auto marks = told.marks();
  ASSERT_GE(marks.size(), wire::Report::kMaxMarks / 2);
  EXPECT_GE(marks.front().before * wire::ArrivalMark::kMicroseconds, 20'000U) << "the first came early";
  for (const auto& mark : marks) {
    EXPECT_NEAR(mark.before * wire::ArrivalMark::kMicroseconds, 100.0 * mark.behind,
                wire::ArrivalMark::kMicroseconds)
        << "each tells when its own datagram came";
  }
}

TEST_F(ReporterTest, ReportsAGapSoonerThanTheIntervalAndNamesIt) {
  for (std::uint64_t counter = 0; counter < 10; ++counter) come(counter, counter * 1ms);
  report(25ms);
  come(10, 26ms);
  come(13, 27ms);
  const auto told = reports(27ms, 40ms);
  ASSERT_FALSE(told.empty());
  EXPECT_LT(27ms + Reporter::kMostDisorder, 25ms + Reporter::kInterval);
  EXPECT_EQ(missing(told.back()), (Counters{11, 12}));
}

TEST_F(ReporterTest, DoesNotNameAGapThatMayStillBeDisorder) {
  come(0, 0ms);
  report(1ms);
  come(1, 26ms);
  come(3, 26ms);
  const auto early = report(26ms);
  EXPECT_TRUE(early.missing().empty());
  EXPECT_EQ(early.highest, 3U);
  const auto later = reports(26ms, 80ms);
  ASSERT_FALSE(later.empty()) << "but it is not forgotten";
  EXPECT_EQ(missing(later.back()), Counters{2});
}

TEST_F(ReporterTest, NamesAnOldGapBesideAYoungOne) {
  come(0, 0ms);
  come(2, 1ms);
  reports(1ms, 60ms);
  come(5, 80ms);
  EXPECT_EQ(missing(report(80ms)), Counters{1});
}

TEST_F(ReporterTest, SaysNothingOfWhatCameOutOfOrderInTime) {
  come(0, 0ms);
  report(1ms);
  come(2, 30ms);
  come(1, 30ms + Reporter::kFirstDisorder / 2);
  for (const auto& told : reports(31ms, 90ms)) EXPECT_TRUE(told.missing().empty());
}

// Every tenth datagram is overtaken by those of 6 ms: hardly any of them is taken for lost, once that is
// known.
TEST_F(ReporterTest, BecomesMorePatientWhereThePathDisordersDatagrams) {
  std::vector<std::pair<base::Duration, std::uint64_t>> arrivals;
  for (std::uint64_t counter = 0; counter < 4000; ++counter)
    arrivals.emplace_back(counter * 1ms + (counter % 10 == 5 ? 6ms : 0ms), counter);
  std::ranges::stable_sort(arrivals, {}, [](const auto& one) { return one.first; });
  std::size_t at_first = 0;
  std::size_t later = 0;
  std::size_t next = 0;
  for (base::Duration at{}; at < 4s; at += 500us) {
    for (; next < arrivals.size() && arrivals[next].first <= at; ++next) come(arrivals[next].second, at);
    if (is_due(at)) (at < 1s ? at_first : later) += missing(report(at)).size();
  }
  EXPECT_GT(at_first, 0U) << "it has to learn";
  EXPECT_LT(later, 300U / 5);
}

TEST_F(ReporterTest, NamesTheNewestGapsWhereThereAreTooMany) {
  std::uint64_t counter = 0;
  for (int i = 0; i < 200; ++i, counter += 2) come(counter, 0ms);
  const auto told = reports(0ms, 60ms);
  ASSERT_FALSE(told.empty());
  const auto named = missing(told.back());
  ASSERT_EQ(named.size(), wire::Report::kMaxMissing);
  EXPECT_EQ(named.back(), counter - 3);
}

TEST_F(ReporterTest, NamesEveryLostDatagramOfALongRun) {
  come(0, 0ms);
  come(701, 1ms);
  const auto told = reports(1ms, 60ms);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(missing(told.back()).size(), 700U);
}

TEST_F(ReporterTest, DoesNotRepeatReportsForAGapThatStaysOpen) {
  come(0, 0ms);
  come(2, 1ms);
  EXPECT_LE(reports(1ms, 10s).size(), 2U);
  EXPECT_EQ(reporter_.next_report(), base::kNever);
}

TEST_F(ReporterTest, KeepsReportsOfGapsApart) {
  std::uint64_t counter = 0;
  std::vector<base::Duration> times;
  for (auto at = 0us; at < 2s; at += 100us) {
    counter += 2;  // every other one is lost
    come(counter, at);
    if (!is_due(at)) continue;
    report(at);
    times.push_back(at);
  }
  ASSERT_GT(times.size(), 20U);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 1], Reporter::kGapSpacing);
}

TEST_F(ReporterTest, CountsWhatIsReplayedOrSentAgainNotAsNewProgress) {
  come(5, 0ms);
  come(4, 1ms);
  EXPECT_EQ(report(2ms).highest, 5U);
  EXPECT_EQ(report(2ms).received, 2U);
}

TEST_F(ReporterTest, BeginsAnewWithASession) {
  come(100, 0ms);
  come(200, 1ms);
  reporter_.restart();
  window_ = {};
  EXPECT_EQ(reporter_.next_report(), base::kNever);
  come(0, 50ms);
  const auto told = report(60ms);
  EXPECT_EQ(told.highest, 0U);
  EXPECT_EQ(told.received_bytes, kPayload);
  EXPECT_TRUE(told.missing().empty());
}

TEST_F(ReporterTest, GoesAlongWithAnotherOnceHalfItsTimeIsOver) {
  constexpr base::BitRate kSlowWayBack{1'000'000};  // which affords a report every 48 ms
  EXPECT_FALSE(reporter_.goes_along(kStart)) << "nothing to tell";
  come(1, 0ms, kSlowWayBack);
  report(10ms);
  EXPECT_FALSE(reporter_.goes_along(kStart + 40ms)) << "all is told";
  come(2, 20ms, kSlowWayBack);
  EXPECT_FALSE(reporter_.goes_along(kStart + 33ms));
  EXPECT_TRUE(reporter_.goes_along(kStart + 35ms));
  come(4, 35ms, kSlowWayBack);
  EXPECT_FALSE(reporter_.goes_along(kStart + 35ms)) << "the gap is too young, and would call for another";
}

}  // namespace
}  // namespace sennit::control
