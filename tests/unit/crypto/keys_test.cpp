#include "crypto/keys.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "unit/crypto/hex.hpp"

namespace sennit::crypto {
namespace {

using test::from_hex;
using test::to_hex;

// RFC 7748, section 6.1: Alice's and Bob's keys.
struct KeyPair {
  const char* private_key;
  const char* public_key;
};
constexpr KeyPair kRfc7748[] = {
    {"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
     "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"},
    {"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
     "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"},
};

TEST(PrivateKey, HasThePublicKeyOfRfc7748) {
  for (const auto& pair : kRfc7748) {
    const PrivateKey key{Secret(from_hex(pair.private_key))};
    EXPECT_EQ(to_hex(key.public_key().bytes), pair.public_key);
  }
}

TEST(PrivateKey, ComesBackFromItsText) {
  const auto key = PrivateKey::generate();
  const auto text = key.to_base64();
  EXPECT_EQ(text.size(), 44U);
  const auto again = PrivateKey::from_base64(text);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key(), key.public_key());
  EXPECT_EQ(again->to_base64(), text);
}

TEST(PrivateKey, IsAnotherEachTimeItIsGenerated) {
  EXPECT_NE(PrivateKey::generate().to_base64(), PrivateKey::generate().to_base64());
}

TEST(PublicKey, IsWrittenAsStandardBase64) {
  PublicKey key;
  key.bytes.fill(0xFB);
  EXPECT_EQ(key.to_base64(), "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=");
  EXPECT_EQ(PublicKey::from_base64(key.to_base64()), key);
}

struct BadText {
  const char* fault;
  std::string text;
};

class BadKeyText : public testing::TestWithParam<BadText> {};

TEST_P(BadKeyText, IsRefusedForEveryKindOfKey) {
  EXPECT_FALSE(PublicKey::from_base64(GetParam().text)) << GetParam().fault;
  EXPECT_FALSE(PrivateKey::from_base64(GetParam().text)) << GetParam().fault;
  EXPECT_FALSE(PresharedKey::from_base64(GetParam().text)) << GetParam().fault;
}

// 44 characters, or as many as asked for: `front` and `back` with "A" (six zero bits) between them.
std::string filled(std::string_view front, std::string_view back, std::size_t size = 44) {
  std::string text(size, 'A');
  text.replace(0, front.size(), front);
  text.replace(size - back.size(), back.size(), back);
  return text;
}

INSTANTIATE_TEST_SUITE_P(Table, BadKeyText,
                         testing::Values(BadText{"empty", ""},                               //
                                         BadText{"31 bytes", filled("", "==")},              //
                                         BadText{"33 bytes", filled("", "")},                //
                                         BadText{"no padding", filled("", "", 43)},          //
                                         BadText{"newline behind", filled("", "=\n", 45)},   //
                                         BadText{"space in front", filled(" ", "=", 45)},    //
                                         BadText{"space within", filled("A ", "=")},         //
                                         BadText{"URL-safe alphabet", filled("-_", "=")},    //
                                         BadText{"outside the alphabet", filled("!", "=")},  //
                                         BadText{"zero byte within",
                                                 filled(std::string_view("\0", 1), "=")},  //
                                         BadText{"bits behind the last byte", filled("", "B=")}));

TEST(PresharedKey, IsZeroByDefaultAndReadFromText) {
  const auto zero = PresharedKey::from_base64(filled("", "="));
  ASSERT_TRUE(zero);
  EXPECT_EQ(to_hex(zero->secret().bytes()), to_hex(PresharedKey().secret().bytes()));
  const auto other = PresharedKey::from_base64(filled("AQ", "="));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->secret().bytes()[0], 1);
}

TEST(SecretDeathTest, AbortsOnAnyOtherLength) {
  EXPECT_DEATH(Secret(from_hex("00")), "");
}

}  // namespace
}  // namespace sennit::crypto
