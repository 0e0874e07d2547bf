#include "config/timeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "config/impair_text.hpp"
#include "unit/config/temporary_folder.hpp"

namespace sennit::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> problems_of(std::string_view text) {
  Problems problems;
  parse_timeline(text, "t.toml", problems);
  return problems.texts();
}

TEST(Timeline, GivesItsStepsInTheOrderOfTheirTimes) {
  Problems problems;
  const auto timeline = parse_timeline(R"(loop = "30s"
[[step]]
at = "20s"
device = "phone"
clear = true
[[step]]
at = "0s"
device = "phone"
profile = "3g-average"
[[step]]
at = "10s"
device = "192.168.1.0/24"
down = { rate = "1mbit" }
up = "delay=5ms"
)",
                                       "t.toml", problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(timeline.loop, 30s);
  ASSERT_EQ(timeline.steps.size(), 3U);
  EXPECT_EQ(timeline.steps[0].change.profile, "3g-average");
  EXPECT_EQ(timeline.steps[1].at, 10s);
  EXPECT_EQ(timeline.steps[1].device, "192.168.1.0/24");
  EXPECT_EQ(to_text(*timeline.steps[1].change.down), "rate=1mbit");
  EXPECT_EQ(to_text(*timeline.steps[1].change.up), "delay=5ms");
  EXPECT_EQ(timeline.steps[2].kind, StepKind::kClear);
}

TEST(Timeline, IsRefusedWithLineKeyAndWhatIsAllowed) {
  const std::string step = "[[step]]\nat = '1s'\ndevice = 'a'\n";
  const struct {
    std::string text;
    const char* problem;
  } cases[] = {
      {"", "is missing; a timeline has [[step]] tables"},
      {"speed = 2\n" + step + "clear = true\n", "t.toml:1: speed: is not known"},
      {"loop = '0s'\n" + step + "clear = true\n", "t.toml:1: loop: is not a duration"},
      {"loop = '1s'\n" + step + "clear = true\n", "loop: begins again before the last step"},
      {step, "step: does nothing"},
      {step + "clear = true\nup = 'loss=1%'\n", "does two things at once"},
      {step + "profile = 'x'\nup = 'loss=1%'\n", "does two things at once"},
      {step + "clear = false\n", "t.toml:4: step.clear: can only be true"},
      {step + "down = 'rate=0bit'\n", "t.toml:4: step.down: rate: '0bit'"},
      {step + "dwn = 'rate=1mbit'\n", "t.toml:4: step.dwn: is not a known key; did you mean"},
      {"[[step]]\ndevice = 'a'\nclear = true\n", "step.at: is missing"},
      {"[[step]]\nat = 'soon'\ndevice = 'a'\nclear = true\n", "t.toml:2: step.at: is not a duration"},
      {"[[step]]\nat = '1s'\nclear = true\n", "step.device: is missing"},
      {"[[step\n", "t.toml:1"},
  };
  for (const auto& [text, problem] : cases)
    EXPECT_THAT(problems_of(text), testing::Contains(HasSubstr(problem))) << text;
}

class TimelineFile : public TemporaryFolder {};

TEST_F(TimelineFile, FindsTheFilesThatItNamesBesideItself) {
  write("line.trace", "1\n2\n");
  const auto file = write("t.toml", "[[step]]\nat = '0s'\ndevice = 'a'\ndown = 'trace=line.trace'\n");
  EXPECT_EQ(load_timeline(file).steps.front().change.down->trace_file, (folder_ / "line.trace").string());
}

TEST_F(TimelineFile, IsRefusedWhereItCannotBeRead) {
  EXPECT_THROW(load_timeline(folder_ / "none.toml"), base::UsageError);
}

}  // namespace
}  // namespace sennit::config
