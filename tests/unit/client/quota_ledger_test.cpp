#include "client/quota_ledger.hpp"

#include <gtest/gtest.h>

namespace sennit::client {
namespace {

using namespace std::chrono_literals;
using std::chrono::day;
using std::chrono::sys_days;

TEST(Period, BeginsOnTheDayOfTheMonthOrOnTheLastOneOfAShorterMonth) {
  const struct {
    sys_days today;
    day reset;
    sys_days begin;
  } cases[] = {
      {2026y / 11 / 22, day(1), 2026y / 11 / 1},   {2026y / 11 / 1, day(1), 2026y / 11 / 1},
      {2026y / 11 / 22, day(22), 2026y / 11 / 22}, {2026y / 11 / 22, day(23), 2026y / 10 / 23},
      {2026y / 1 / 5, day(15), 2025y / 12 / 15},   {2026y / 2 / 28, day(31), 2026y / 2 / 28},
      {2026y / 3 / 30, day(31), 2026y / 2 / 28},   {2028y / 3 / 1, day(30), 2028y / 2 / 29},
  };
  for (const auto& [today, reset, begin] : cases) EXPECT_EQ(period_of(today, reset), begin);
}

TEST(QuotaLedger, AddsUpWhatALinkCarriesInAPeriodAndBeginsAnewInTheNext) {
  const sys_days november = 2026y / 11 / 1;
  const sys_days december = 2026y / 12 / 1;
  QuotaLedger ledger;
  ledger.add("lte", {100}, november);
  ledger.add("lte", {20}, november);
  ledger.add("sat", {7}, november);
  EXPECT_EQ(ledger.used("lte", november), base::Bytes{120});
  EXPECT_EQ(ledger.used("lte", december), base::Bytes{});
  ledger.add("lte", {3}, december);
  EXPECT_EQ(ledger.used("lte", december), base::Bytes{3});
  EXPECT_EQ(ledger.used("sat", november), base::Bytes{7});
  EXPECT_EQ(ledger.used("adsl", november), base::Bytes{});
}

TEST(QuotaLedger, ForgetsNothingWhileTheClockIsWrong) {
  const sys_days november = 2026y / 11 / 1;
  for (const sys_days wrong : {1970y / 1 / 1, 2036y / 2 / 1}) {
    QuotaLedger ledger;
    ledger.add("lte", {100}, november);
    ledger.add("lte", {}, wrong);
    ledger.add("lte", {5}, wrong);
    EXPECT_EQ(ledger.used("lte", november), base::Bytes{100});
    ledger.add("lte", {20}, november);
    EXPECT_EQ(ledger.used("lte", november), base::Bytes{120});
  }
}

TEST(QuotaLedger, KeepsThePresentPeriodAndTheTwoLatest) {
  QuotaLedger ledger;
  for (unsigned month = 1; month <= 12; ++month) ledger.add("lte", {month}, 2026y / month / 1);
  ledger.add("lte", {77}, 1970y / 1 / 1);
  EXPECT_EQ(ledger.used("lte", 2026y / 9 / 1), base::Bytes{});
  EXPECT_EQ(ledger.used("lte", 2026y / 11 / 1), base::Bytes{11});
  EXPECT_EQ(ledger.used("lte", 2026y / 12 / 1), base::Bytes{12});
  EXPECT_EQ(ledger.used("lte", 1970y / 1 / 1), base::Bytes{77});
}

TEST(QuotaLedger, SurvivesItsFile) {
  QuotaLedger ledger;
  ledger.add("lte", {5'000'000'000}, 2026y / 11 / 15);
  ledger.add("lte", {7}, 2026y / 12 / 15);
  EXPECT_EQ(QuotaLedger(ledger.to_text()), ledger);
}

TEST(QuotaLedger, LeavesOutWhatIsNoEntry) {
  for (const auto* text :
       {"", "[]", R"({"links": 3})", R"({"links": [7]})", R"({"links": [{"link": "lte", "bytes": 1}]})",
        R"({"links": [{"link": "lte", "since": "soon", "bytes": 1}]})",
        R"({"links": [{"link": "lte", "since": "2026-11-01", "bytes": -1}]})"}) {
    EXPECT_EQ(QuotaLedger(text), QuotaLedger()) << text;
  }
}

}  // namespace
}  // namespace sennit::client
