#include "shell/rate_memory.hpp"

#include <gtest/gtest.h>

namespace sennit::shell {
namespace {

constexpr std::chrono::sys_days kToday{std::chrono::days(20'779)};

tunnel::PathReport path_over(const char* link, std::uint64_t tx, std::uint64_t rx) {
  tunnel::PathReport path;
  path.id = {1};
  path.link = link;
  path.highest_tx = {tx};
  path.highest_rx = {rx};
  return path;
}

tunnel::EndpointReport report_of(const tunnel::PathReport& path) {
  tunnel::PeerReport peer;
  peer.name = "home";
  peer.paths.push_back(path);
  tunnel::EndpointReport report;
  report.peers.push_back(peer);
  return report;
}

TEST(RateMemory, KeepsTheHighestOfEachDirection) {
  RateMemory memory;
  memory.note(report_of(path_over("adsl", 10, 50)), kToday);
  memory.note(report_of(path_over("adsl", 20, 40)), kToday);
  EXPECT_EQ(memory.of("home", path_over("adsl", 0, 0)), (HighestRates{{20}, {50}}));
}

TEST(RateMemory, SurvivesItsFile) {
  RateMemory memory;
  memory.note(report_of(path_over("adsl", 10, 50)), kToday);
  EXPECT_EQ(RateMemory(memory.to_text(), kToday), memory);
}

TEST(RateMemory, KnowsNothingOfAnotherLinkWithTheSamePathNumber) {
  RateMemory memory;
  memory.note(report_of(path_over("adsl", 10, 50)), kToday);
  EXPECT_EQ(memory.of("home", path_over("5g", 0, 0)), HighestRates{});
  EXPECT_EQ(memory.of("office", path_over("adsl", 0, 0)), HighestRates{});
}

TEST(RateMemory, ForgetsALinkWhosePathNumberAnotherOneUses) {
  RateMemory memory;
  memory.note(report_of(path_over("adsl", 10, 50)), kToday);
  memory.note(report_of(path_over("5g", 1, 1)), kToday);
  EXPECT_EQ(memory.of("home", path_over("5g", 0, 0)), (HighestRates{{1}, {1}}));
  EXPECT_EQ(memory.of("home", path_over("adsl", 0, 0)), HighestRates{});
}

TEST(RateMemory, LeavesOutWhatIsNoEntry) {
  for (const auto* text : {"", "[]", "{\"paths\": 3}", "{\"paths\": [7, {\"peer\": \"home\"}]}",
                           "{\"paths\": [{\"peer\": 1, \"id\": 1, \"link\": \"a\", \"tx\": 1, \"rx\": 1, "
                           "\"day\": \"2026-11-22\"}]}",
                           "{\"paths\": [{\"peer\": \"home\", \"id\": 1, \"link\": \"a\", \"tx\": 1, \"rx\": "
                           "1, \"day\": \"today\"}]}"}) {
    EXPECT_EQ(RateMemory(text, kToday), RateMemory()) << text;
  }
}

// The memory of one day, as a run so many days later finds it.
HighestRates found_after(std::chrono::days later) {
  RateMemory memory;
  memory.note(report_of(path_over("adsl", 10, 50)), kToday);
  return RateMemory(memory.to_text(), kToday + later).of("home", path_over("adsl", 0, 0));
}

TEST(RateMemory, ForgetsWhatWasNotReachedForThirtyDays) {
  EXPECT_EQ(found_after(std::chrono::days(30)), (HighestRates{{10}, {50}}));
  EXPECT_EQ(found_after(std::chrono::days(31)), HighestRates{});
}

TEST(RateMemory, IsConfirmedByARunThatComesNearAndNotByALesserOne) {
  for (const auto& [reached, is_kept] : {std::pair(45U, true), std::pair(44U, false)}) {
    RateMemory memory;
    memory.note(report_of(path_over("adsl", 0, 50)), kToday);
    memory.note(report_of(path_over("adsl", 0, reached)), kToday + std::chrono::days(20));
    const RateMemory later(memory.to_text(), kToday + std::chrono::days(40));
    EXPECT_EQ(later.of("home", path_over("adsl", 0, 0)).rx, base::BitRate{is_kept ? 50U : 0U}) << reached;
  }
}

}  // namespace
}  // namespace sennit::shell
