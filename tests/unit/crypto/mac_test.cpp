#include "crypto/mac.hpp"

#include <gtest/gtest.h>

#include "unit/crypto/hex.hpp"

namespace sennit::crypto {
namespace {

using test::Bytes;
using test::from_hex;

const PublicKey kGateway{.bytes = {1, 2, 3}};
const PublicKey kOther{.bytes = {1, 2, 4}};
const Bytes kMessage(120, 0x5A);

base::SocketAddress address(const char* text) {
  return base::SocketAddress::parse(text).value();
}

TEST(Mac1, DependsOnTheReceiverAndOnEveryByteOfTheMessage) {
  const auto mac = compute_mac1(mac1_key(kGateway), kMessage);
  EXPECT_NE(mac, compute_mac1(mac1_key(kOther), kMessage));
  for (std::size_t i = 0; i < kMessage.size(); ++i) {
    auto changed = kMessage;
    changed[i] ^= 1U;
    EXPECT_NE(mac, compute_mac1(mac1_key(kGateway), changed)) << "byte " << i;
  }
}

TEST(Mac2, DependsOnTheCookie) {
  EXPECT_NE(compute_mac2(Cookie{1}, kMessage), compute_mac2(Cookie{2}, kMessage));
}

TEST(Equal, IsTrueForTheSameSixteenBytesOnly) {
  const Mac mac{1, 2, 3};
  EXPECT_TRUE(equal(mac, mac));
  for (std::size_t i = 0; i < mac.size(); ++i) {
    auto other = mac;
    other[i] ^= 0x80U;
    EXPECT_FALSE(equal(mac, other)) << "byte " << i;
  }
  EXPECT_FALSE(equal(mac, base::ConstByteSpan(mac).first(15)));
  EXPECT_FALSE(equal(mac, {}));
  EXPECT_FALSE(equal(mac, Bytes(17)));
}

TEST(Cookie, BelongsToOneAddressAndPortUnderOneSecret) {
  const Secret secret(Bytes(Secret::kSize, 1));
  const auto cookie = compute_cookie(secret, address("192.0.2.7:6000"));
  EXPECT_EQ(cookie, compute_cookie(secret, address("192.0.2.7:6000")));
  EXPECT_NE(cookie, compute_cookie(secret, address("192.0.2.8:6000")));
  EXPECT_NE(cookie, compute_cookie(secret, address("192.0.2.7:6001")));
  EXPECT_NE(cookie, compute_cookie(secret, address("[2001:db8::7]:6000")));
  EXPECT_NE(cookie, compute_cookie(Secret(Bytes(Secret::kSize, 2)), address("192.0.2.7:6000")));
}

TEST(SealedCookie, IsOpenedOnlyWithTheKeyNonceAndMac1ItWasSealedWith) {
  const auto key = cookie_key(kGateway);
  const CookieNonce nonce{9};
  const Mac mac1{7};
  const Cookie cookie{1, 2, 3, 4};
  const auto sealed = seal_cookie(key, nonce, mac1, cookie);
  EXPECT_EQ(open_cookie(key, nonce, mac1, sealed), cookie);
  EXPECT_FALSE(open_cookie(cookie_key(kOther), nonce, mac1, sealed));
  EXPECT_FALSE(open_cookie(key, CookieNonce{8}, mac1, sealed));
  EXPECT_FALSE(open_cookie(key, nonce, Mac{6}, sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto tampered = sealed;
    tampered[i] ^= 1U;
    EXPECT_FALSE(open_cookie(key, nonce, mac1, tampered)) << "byte " << i;
  }
}

}  // namespace
}  // namespace sennit::crypto
