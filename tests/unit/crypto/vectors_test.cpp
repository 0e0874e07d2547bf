// Checks tests/vectors/crypto.json: values that make_crypto_vectors.py computed by another route.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "crypto/aead.hpp"
#include "crypto/mac.hpp"
#include "unit/crypto/hex.hpp"

namespace sennit::crypto {
namespace {

using test::from_hex;
using test::to_hex;

template <class Array>
Array array_from(const nlohmann::json& hex) {
  const auto bytes = from_hex(hex.get<std::string>());
  Array array{};
  EXPECT_EQ(bytes.size(), array.size());
  std::ranges::copy(bytes, array.begin());
  return array;
}

PublicKey public_key_from(const nlohmann::json& hex) {
  return {.bytes = array_from<std::array<std::uint8_t, 32>>(hex)};
}

Secret secret_from(const nlohmann::json& hex) {
  return Secret(from_hex(hex.get<std::string>()));
}

class CryptoVectors : public testing::Test {
 protected:
  // The vectors of one kind; an absent kind fails the test.
  nlohmann::json vectors(const char* kind) const {
    std::ifstream file(SENNIT_SOURCE_DIR "/tests/vectors/crypto.json");
    const auto content = nlohmann::json::parse(file);
    EXPECT_FALSE(content.at(kind).empty());
    return content.at(kind);
  }
};

TEST_F(CryptoVectors, TransportKeysAgree) {
  for (const auto& v : vectors("transport_key")) {
    const auto cipher = v.at("cipher") == "aes256gcm" ? Cipher::kAes256Gcm : Cipher::kChaCha20Poly1305;
    EXPECT_EQ(to_string(cipher), v.at("cipher"));
    EXPECT_EQ(to_hex(derive_transport_key(cipher, secret_from(v.at("split_key"))).bytes()),
              v.at("transport_key"));
  }
}

TEST_F(CryptoVectors, Mac1Agrees) {
  for (const auto& v : vectors("mac1")) {
    const auto key = mac1_key(public_key_from(v.at("receiver_public_key")));
    EXPECT_EQ(to_hex(key.bytes()), v.at("key"));
    EXPECT_EQ(to_hex(compute_mac1(key, from_hex(v.at("message").get<std::string>()))), v.at("mac1"));
  }
}

TEST_F(CryptoVectors, Mac2Agrees) {
  for (const auto& v : vectors("mac2")) {
    const auto cookie = array_from<Cookie>(v.at("cookie"));
    EXPECT_EQ(to_hex(compute_mac2(cookie, from_hex(v.at("message").get<std::string>()))), v.at("mac2"));
  }
}

TEST_F(CryptoVectors, CookiesAgree) {
  for (const auto& v : vectors("cookie")) {
    const auto sender = base::SocketAddress::parse(v.at("sender").get<std::string>());
    ASSERT_TRUE(sender);
    EXPECT_EQ(to_hex(compute_cookie(secret_from(v.at("secret")), *sender)), v.at("cookie"));
  }
}

TEST_F(CryptoVectors, CookieRepliesAgree) {
  for (const auto& v : vectors("cookie_reply")) {
    const auto key = cookie_key(public_key_from(v.at("gateway_public_key")));
    EXPECT_EQ(to_hex(key.bytes()), v.at("key"));
    const auto nonce = array_from<CookieNonce>(v.at("nonce"));
    const auto mac1 = array_from<Mac>(v.at("mac1"));
    const auto cookie = array_from<Cookie>(v.at("cookie"));
    EXPECT_EQ(to_hex(seal_cookie(key, nonce, mac1, cookie)), v.at("sealed"));
    EXPECT_EQ(open_cookie(key, nonce, mac1, array_from<SealedCookie>(v.at("sealed"))), cookie);
  }
}

TEST_F(CryptoVectors, NoncesAgree) {
  for (const auto& v : vectors("nonce")) {
    const base::PathId path{v.at("path").get<std::uint8_t>()};
    EXPECT_EQ(to_hex(make_nonce(path, v.at("counter").get<std::uint64_t>())), v.at("nonce"));
  }
}

}  // namespace
}  // namespace sennit::crypto
