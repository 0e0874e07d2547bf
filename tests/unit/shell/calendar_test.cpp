#include "shell/calendar.hpp"

#include <gtest/gtest.h>

namespace sennit::shell {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

TEST(Calendar, WritesADayAndReadsItBack) {
  const struct {
    sys_days day;
    const char* text;
  } cases[] = {{sys_days(days(0)), "1970-01-01"},
               {sys_days(days(11'016)), "2000-02-29"},
               {sys_days(days(20'779)), "2026-11-22"}};
  for (const auto& [day, text] : cases) {
    EXPECT_EQ(to_text(day), text);
    EXPECT_EQ(parse_day(text), day) << text;
  }
}

TEST(Calendar, TakesTheDayThatAMomentLiesIn) {
  const base::WallTime evening(std::chrono::hours(24 * 20'779 + 23));
  EXPECT_EQ(day_of(evening), sys_days(days(20'779)));
}

TEST(Calendar, RefusesWhatIsNoDay) {
  for (const auto* text :
       {"", "today", "2026-11-2", "2026-11-222", "2026/11/22", "2026-13-01", "2026-02-29", "2026-1a-01"})
    EXPECT_FALSE(parse_day(text)) << text;
}

}  // namespace
}  // namespace sennit::shell
