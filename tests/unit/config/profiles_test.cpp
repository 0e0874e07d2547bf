#include "config/profiles.hpp"

#include <gtest/gtest.h>

#include "config/impair_text.hpp"

namespace sennit::config {
namespace {

using namespace std::chrono_literals;

std::vector<Profile> read(std::string_view text, std::vector<std::string>* problems = nullptr) {
  Problems found;
  auto profiles = read_profiles(text, "x.toml", read_file, found);
  if (problems != nullptr) *problems = found.texts();
  return profiles;
}

TEST(Profiles, InStockAllLoad) {
  EXPECT_GE(stock_profiles().size(), 80U);
  for (const auto& profile : stock_profiles()) {
    EXPECT_FALSE(profile.source.empty()) << profile.name;
    EXPECT_NE(to_text(profile.down) + to_text(profile.up), "") << profile.name;
  }
}

TEST(Profiles, InStockHaveTheNumbersOfTheirSources) {
  struct Case {
    const char* name;
    const char* down;
    const char* up;
  };
  const Case cases[] = {
      {"atc-3g-average", "rate=780kbit delay=100ms", "rate=330kbit delay=100ms"},
      {"atc-edge-lossy", "rate=240kbit delay=400ms loss=1%", "rate=200kbit delay=440ms loss=1%"},
      {"atc-no-connectivity", "rate=1kbit loss=100%", "rate=1kbit loss=100%"},
      {"wpt-3g", "rate=1.6mbit delay=150ms", "rate=768kbit delay=150ms"},
      {"lighthouse-mobile-slow-4g", "rate=1638.4kbit delay=75ms", "rate=750kbit delay=75ms"},
      {"nlc-lte", "rate=50mbit delay=50ms", "rate=10mbit delay=65ms"},
      {"nlc-100-loss", "loss=100%", "loss=100%"},
      {"loadero-4g", "rate=100mbit delay=45ms jitter=5ms loss=0.2%",
       "rate=50mbit delay=45ms jitter=15ms loss=0.2%"},
      {"android-gsm", "rate=14.4kbit delay=175ms jitter=100ms", "rate=14.4kbit delay=175ms jitter=100ms"},
      {"mm-tmobile-lte-driving", "rate=12.77mbit", ""}};
  for (const auto& [name, down, up] : cases) {
    const auto profile = find_profile(name, stock_profiles());
    ASSERT_TRUE(profile) << name;
    EXPECT_EQ(to_text(profile->down), down) << name;
    EXPECT_EQ(to_text(profile->up), up) << name;
  }
}

TEST(Profiles, AreFoundByTheirNameWithoutItsFirstPartToo) {
  EXPECT_EQ(find_profile("3g-average", stock_profiles())->name, "atc-3g-average");
  EXPECT_EQ(to_string(find_profile("cable", stock_profiles()).invalid()),
            "'cable' may be several profiles; allowed: atc-cable, sitespeed-cable or wpt-cable");
  EXPECT_EQ(to_string(find_profile("atc-3g-averag", stock_profiles()).invalid()).substr(0, 76),
            "'atc-3g-averag' is not a profile (did you mean 'atc-3g-average'?); allowed: ");
}

TEST(Profiles, OfAFileAreStringsOrTables) {
  const auto profiles = read(
      "[profile.b]\ndown = { rate = \"780kbit\", delay = \"100ms\", seed = 7 }\n"
      "[profile.a]\nup = \"loss=1%\"\nsource = \"mine\"\n");
  ASSERT_EQ(profiles.size(), 2U);
  EXPECT_EQ(profiles[0].name, "a");
  EXPECT_EQ(to_text(profiles[0].up), "loss=1%");
  EXPECT_EQ(to_text(profiles[0].down), "");
  EXPECT_EQ(to_text(profiles[1].down), "rate=780kbit delay=100ms seed=7");
}

TEST(Profiles, WhenWrongNameFileLineAndKey) {
  const std::pair<const char*, const char*> cases[] = {
      {"[profile.a]\ndown = 'loss=300%'\n",
       "x.toml:2: profile.a.down: loss: '300%' is out of range; allowed: 0% to 100%, as in 0.1%"},
      {"[profile.a]\n\ndown = { delay = 100 }\n",
       "x.toml:3: profile.a.down: delay: '100' has no unit; allowed: 0s to 1h with the unit us, ms, s, m or "
       "h, as in 20ms"},
      {"[profile.a]\ndown = 7\n",
       "x.toml:2: profile.a.down: it is neither a string nor a table of options; allowed: \"rate=780kbit "
       "delay=100ms\" or { rate = \"780kbit\", delay = \"100ms\" }"},
      {"[profile.a]\nleft = ''\n",
       "x.toml:2: profile.a.left: it is not known; allowed: down, up and source, each a string, down and up "
       "also a table"},
      {"[profile]\na = 1\n", "x.toml:2: profile.a: it is not a table; allowed: down, up and source"}};
  for (const auto& [text, message] : cases) {
    std::vector<std::string> problems;
    EXPECT_TRUE(read(text, &problems).empty()) << "nothing is half-read";
    EXPECT_EQ(problems, std::vector<std::string>{message});
  }
}

TEST(Profiles, OfABrokenFileAreNone) {
  std::vector<std::string> problems;
  EXPECT_TRUE(read("[profile.a\n", &problems).empty());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].substr(0, 18), "x.toml:1: profile:");
}

}  // namespace
}  // namespace sennit::config
