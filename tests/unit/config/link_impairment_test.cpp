#include "config/link_impairment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/setting.hpp"
#include "config/toml_file.hpp"
#include "config/validate.hpp"

namespace sennit::config {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// What is said of the link with these keys, which begin in line 4.
std::vector<std::string> problems_of(const std::string& keys) {
  const auto loaded = load_text("[client]\n[[link]]\ninterface='eth0'\n" + keys, "x.toml");
  std::vector<std::string> of_link;
  for (const auto& problem : validate(std::get<ClientOptions>(loaded.options)).texts())
    if (problem.find(": link.") != std::string::npos) of_link.push_back(problem);
  return of_link;
}

LinkOptions link_of(const std::string& up, const std::string& down) {
  LinkOptions link;
  link.interface = "eth0";
  link.impair_up = up;
  link.impair_down = down;
  return link;
}

TEST(LinkImpairment, IsNoneWhereNothingOrNoneIsWritten) {
  const auto impairment = impairment_of(link_of("", "none"), {});
  ASSERT_TRUE(impairment);
  EXPECT_FALSE(impairment->up);
  EXPECT_FALSE(impairment->down);
}

TEST(LinkImpairment, ReadsOptionsOfEachDirection) {
  const auto impairment = impairment_of(link_of("rate=1mbit", "rate=8mbit delay=15ms"), {});
  ASSERT_TRUE(impairment);
  EXPECT_EQ(impairment->up->rate.rate, base::BitRate{1'000'000});
  EXPECT_EQ(impairment->down->delay.delay, 15ms);
}

TEST(LinkImpairment, TakesItsDirectionOfAProfile) {
  const auto impairment = impairment_of(link_of("3g-average", "3g-average"), all_profiles({}));
  const auto profile = *find_profile("3g-average", stock_profiles());
  ASSERT_TRUE(impairment);
  EXPECT_EQ(impairment->up->rate.rate, profile.up.rate.rate);
  EXPECT_EQ(impairment->down->rate.rate, profile.down.rate.rate);
  EXPECT_NE(impairment->up->rate.rate, impairment->down->rate.rate);
}

TEST(LinkImpairment, NamesTheKeyThatIsWrongAndWhatIsAllowed) {
  const auto wrong_share = impairment_of(link_of("", "loss=120%"), {});
  ASSERT_FALSE(wrong_share);
  EXPECT_THAT(to_string(wrong_share.invalid()), HasSubstr("impair_down: loss: "));
  const auto wrong_name = impairment_of(link_of("nosuch", ""), {});
  ASSERT_FALSE(wrong_name);
  EXPECT_THAT(to_string(wrong_name.invalid()), HasSubstr("impair_up: "));
  EXPECT_THAT(to_string(wrong_name.invalid()), HasSubstr("or none"));
}

TEST(LinkImpairment, IsWrittenForBothDirectionsOrOneInAFileAndOnTheCommandLine) {
  const auto loaded = load_text(
      "[client]\n[[link]]\ninterface='eth0'\nimpair={delay='5ms'}\nimpair_up='loss=1%'\n", "x.toml");
  ASSERT_TRUE(loaded.problems.empty());
  const auto& link = std::get<ClientOptions>(loaded.options).links.front();
  EXPECT_EQ(link.impair_down, "delay=5ms");
  EXPECT_EQ(link.impair_up, "loss=1%");
  const auto parsed = parse_link("eth0,impair=3g-average");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->impair_up, "3g-average");
  auto changed = *parsed;
  EXPECT_FALSE(change_link(changed, "impair", "none"));
  EXPECT_EQ(changed.impair_down, "none");
}

TEST(LinkImpairment, IsCheckedWithTheRestOfTheConfiguration) {
  EXPECT_THAT(problems_of("impair='delay=two'\n"), ElementsAre(HasSubstr("x.toml:4: link.impair: delay: ")));
  EXPECT_THAT(problems_of("impair='nosuch'\n"), ElementsAre(HasSubstr("x.toml:4: link.impair: 'nosuch' ")));
  EXPECT_THAT(problems_of("cost=1\nimpair_up='rate=abc'\nimpair_down='loss=5 delay=x'\n"),
              ElementsAre(HasSubstr("x.toml:5: link.impair_up: rate: "),
                          HasSubstr("x.toml:6: link.impair_down: loss: "),
                          HasSubstr("x.toml:6: link.impair_down: delay: ")));
  EXPECT_THAT(problems_of("impair='none'\n[link.impair_up]\ndelay='1ms'\nrate='abc'\n"),
              ElementsAre(HasSubstr("x.toml:7: link.impair_up: rate: ")));
}

TEST(LinkImpairment, IsNamedByItsKeyOnTheCommandLine) {
  ClientOptions options;
  options.links = {*parse_link("eth0,impair=rate=abc"),
                   *parse_link("eth1,impair_up=none,impair_down=loss=5")};
  const auto problems = validate(options).texts();
  EXPECT_THAT(problems, Contains(HasSubstr("--link eth0: impair: rate: ")).Times(1));
  EXPECT_THAT(problems, Contains(HasSubstr("--link eth1: impair_down: loss: ")).Times(1));
}

}  // namespace
}  // namespace sennit::config
