#include "config/filter_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "config/command_line.hpp"

namespace sennit::config {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

Parsed<FilterOptions> parse(const Words& words) {
  return parse_filter(words, "/tmp");
}

TEST(FilterWords, AreReadAndWrittenBackTheSame) {
  const Words cases[] = {{"action=drop"},
                         {"device=phone", "direction=up", "action=allow"},
                         {"dscp=46,8", "protocol=udp,icmp,47", "port=53,5000-5100",
                          "address=192.0.2.0/24,fd00::1", "action=count"},
                         {"device=phone", "action=duplicate", "to=tablet"},
                         {"action=duplicate", "to=/tmp/a.pcapng"}};
  for (const auto& words : cases) EXPECT_EQ(filter_words(*parse(words)), words);
}

TEST(FilterWords, TakeNamesOfDscpsAndFilesOfAFolder) {
  EXPECT_EQ(filter_words(*parse({"dscp=ef", "action=count"})), (Words{"dscp=46", "action=count"}));
  EXPECT_EQ(parse({"action=duplicate", "to=a.pcapng"})->to->file, "/tmp/a.pcapng");
}

TEST(FilterWords, AreRefusedWithTheKeyAndWhatIsAllowed) {
  const struct {
    Words words;
    const char* says;
  } cases[] = {
      {{"drop"},
       "'drop' is not KEY=VALUE of a filter; allowed: device, direction, dscp, protocol, "
       "port, address, action or to"},
      {{"colour=red"}, "'colour=red' is not KEY=VALUE of a filter"},
      {{"port=53,x", "action=drop"}, "port: 'x' is not a port; allowed: 1 to 65535"},
      {{"action=reject"}, "action: 'reject' is not an action; allowed: drop, allow, count or duplicate"},
      {{"device=phone"}, "action is missing; allowed: drop, allow, count or duplicate"},
      {{"action=duplicate"}, "to is missing; allowed: the name of a device, or FILE.pcapng"},
      {{"action=drop", "to=phone"}, "to stands beside action drop"},
      {{"device=", "action=drop"}, "device: the name is empty"}};
  for (const auto& [words, says] : cases) {
    const auto filter = parse(words);
    ASSERT_FALSE(filter) << words.front();
    EXPECT_THAT(to_string(filter.invalid()), HasSubstr(says));
  }
}

TEST(FilterCommandLine, KnowsEveryVerb) {
  const auto parsed = [](const Words& words) { return parse_command_line(words); };
  EXPECT_TRUE(std::get<FilterListCommand>(parsed({"filter", "list", "--json"})).json);
  EXPECT_EQ(std::get<FilterAddCommand>(parsed({"filter", "add", "action=drop"})).filter.action,
            FilterAction::kDrop);
  EXPECT_EQ(std::get<FilterDeleteCommand>(parsed({"filter", "delete", "3"})).number, 3U);
  EXPECT_EQ(std::get<FilterClearCommand>(parsed({"filter", "clear", "--control", "s"})).control, "s");
}

TEST(FilterCommandLine, RefusesWithOneSentence) {
  const std::pair<Words, const char*> cases[] = {
      {{"filter"}, "filter: the verb is missing; allowed: list, add, delete or clear"},
      {{"filter", "show"}, "filter: 'show' is not a verb"},
      {{"filter", "add"}, "filter add: nothing is given"},
      {{"filter", "delete"}, "filter delete: allowed: one NUMBER"},
      {{"filter", "delete", "0"}, "filter delete: '0'"},
      {{"filter", "clear", "1"}, "filter clear: '1' is one argument too many"},
      {{"filter", "add", "action=drop", "--json"}, "filter add: --json is not an option of it"}};
  for (const auto& [words, says] : cases) {
    try {
      parse_command_line(words);
      ADD_FAILURE() << says;
    } catch (const base::UsageError& error) {
      EXPECT_THAT(error.what(), HasSubstr(says));
    }
  }
}

}  // namespace
}  // namespace sennit::config
