#include "wire/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sennit::wire {
namespace {

TEST(PrintableAscii, IsSpaceToTilde) {
  EXPECT_TRUE(is_printable_ascii(""));
  EXPECT_TRUE(is_printable_ascii(" Sennit/0.1 ~"));
  EXPECT_FALSE(is_printable_ascii("a\x1F"));
  EXPECT_FALSE(is_printable_ascii("a\x7F"));
  EXPECT_FALSE(is_printable_ascii("\xC3\xA9"));
}

TEST(PrintableUtf8, TakesCharactersOfEveryLength) {
  for (const char* text : {"", "adsl", "\xC2\xA0", "caf\xC3\xA9", "\xE2\x82\xAC", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xF0\x9F\x93\xB6", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_printable_utf8(text)) << text;
  }
}

TEST(PrintableUtf8, RefusesControlCharactersAndInvalidBytes) {
  const std::vector<std::string> refused = {
      std::string(1, '\0'),
      "\x1B[2J",
      "\x7F",
      "\xC2\x80",
      "\xC2\x9B",
      "\x80",
      "\xC3",
      "\xC3(",
      "\xC0\xAF",
      "\xC1\xBF",
      "\xE0\x80\xAF",
      "\xE0\x9F\xBF",
      "\xF0\x8F\xBF\xBF",
      "\xE2\x82",
      "\xED\xA0\x80",
      "\xF0\x80\x80\xAF",
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",
      "\xFF",
      "a\xE2(\xA1",
      "\xF0\x9F\x93",
  };
  for (const std::string& text : refused)
    EXPECT_FALSE(is_printable_utf8(text)) << testing::PrintToString(text);
}

}  // namespace
}  // namespace sennit::wire
