#include "shell/rate_memory.hpp"

#include <gtest/gtest.h>

namespace sennit::shell {
namespace {

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
  memory.note(report_of(path_over("adsl", 10, 50)));
  memory.note(report_of(path_over("adsl", 20, 40)));
  EXPECT_EQ(memory.of("home", path_over("adsl", 0, 0)), (HighestRates{{20}, {50}}));
}

TEST(RateMemory, SurvivesItsFile) {
  RateMemory memory;
  memory.note(report_of(path_over("adsl", 10, 50)));
  EXPECT_EQ(RateMemory(memory.to_text()), memory);
}

TEST(RateMemory, KnowsNothingOfAnotherLinkWithTheSamePathNumber) {
  RateMemory memory;
  memory.note(report_of(path_over("adsl", 10, 50)));
  EXPECT_EQ(memory.of("home", path_over("5g", 0, 0)), HighestRates{});
  EXPECT_EQ(memory.of("office", path_over("adsl", 0, 0)), HighestRates{});
}

TEST(RateMemory, ForgetsALinkWhosePathNumberAnotherOneUses) {
  RateMemory memory;
  memory.note(report_of(path_over("adsl", 10, 50)));
  memory.note(report_of(path_over("5g", 1, 1)));
  EXPECT_EQ(memory.of("home", path_over("5g", 0, 0)), (HighestRates{{1}, {1}}));
  EXPECT_EQ(memory.of("home", path_over("adsl", 0, 0)), HighestRates{});
}

TEST(RateMemory, LeavesOutWhatIsNoEntry) {
  for (const auto* text :
       {"", "[]", "{\"paths\": 3}", "{\"paths\": [7, {\"peer\": \"home\"}]}",
        "{\"paths\": [{\"peer\": 1, \"id\": 1, \"link\": \"a\", \"tx\": 1, \"rx\": 1}]}"}) {
    EXPECT_EQ(RateMemory(text), RateMemory()) << text;
  }
}

}  // namespace
}  // namespace sennit::shell
