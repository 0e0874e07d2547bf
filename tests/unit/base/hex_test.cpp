#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace sennit::base {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Hex, AppendsTwoDigitsAByte) {
  std::string text = "key-";
  append_hex(text, Bytes{0x00, 0x0A, 0xF0, 0xFF});
  EXPECT_EQ(text, "key-000af0ff");
  append_hex(text, {});
  EXPECT_EQ(text, "key-000af0ff");
}

TEST(Hex, ReadsWhatItWroteAndCapitals) {
  EXPECT_EQ(from_hex("000af0ff"), (Bytes{0x00, 0x0A, 0xF0, 0xFF}));
  EXPECT_EQ(from_hex("AbCD"), (Bytes{0xAB, 0xCD}));
  EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Hex, RefusesWhatIsNoPairOfDigits) {
  for (const auto* text : {"0", "000", "0g", "g0", "0x", " 00", "00 ", "-1"})
    EXPECT_FALSE(from_hex(text)) << text;
}

}  // namespace
}  // namespace sennit::base
