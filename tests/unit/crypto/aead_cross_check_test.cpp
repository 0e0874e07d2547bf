// Two independent implementations of AES-256-GCM must agree on every byte.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/crypto/aead_implementations.hpp"

namespace sennit::crypto {
namespace {

using test::Bytes;
using test::random;
using test::seal;

class CrossCheck : public testing::Test {
 protected:
  void SetUp() override {
    if (!aes256gcm_available()) GTEST_SKIP() << "this CPU does not accelerate AES-256-GCM";
    if (!ipsec_mb_available()) GTEST_SKIP() << "ipsec-mb does not work on this CPU or is not in this build";
    rekey();
  }

  void rekey() {
    const Secret key(random(rng_, Secret::kSize));
    reference_ = make_libsodium_aes256gcm(key);
    fast_ = make_ipsec_mb_aes256gcm(key);
  }

  // Sealed the same, elsewhere and in place; each opens what the other sealed.
  void expect_agreement(std::size_t size, std::size_t associated_size) {
    SCOPED_TRACE(testing::Message() << size << " bytes, " << associated_size << " associated");
    const auto nonce = make_nonce(base::PathId{static_cast<std::uint8_t>(rng_.below(256))}, rng_());
    const auto associated = random(rng_, associated_size);
    const auto plaintext = random(rng_, size);
    const auto expected = seal(*reference_, nonce, associated, plaintext);
    ASSERT_EQ(seal(*fast_, nonce, associated, plaintext), expected);

    auto buffer = plaintext;
    buffer.resize(size + kTagSize);
    fast_->seal(nonce, associated, base::ConstByteSpan(buffer).first(size), buffer);
    ASSERT_EQ(buffer, expected);
    ASSERT_TRUE(fast_->open_in_place(nonce, associated, buffer));
    ASSERT_TRUE(std::ranges::equal(base::ConstByteSpan(buffer).first(size), plaintext));
  }

  void expect_both_refuse(const Nonce& nonce, const Bytes& associated, const Bytes& sealed) {
    auto copy = sealed;
    EXPECT_FALSE(reference_->open_in_place(nonce, associated, copy));
    copy = sealed;
    EXPECT_FALSE(fast_->open_in_place(nonce, associated, copy));
  }

  base::Rng rng_{65'535};
  std::unique_ptr<Aead> reference_;
  std::unique_ptr<Aead> fast_;
};

TEST_F(CrossCheck, AgreesOnEveryShortLength) {
  for (std::size_t size = 0; size <= 300; ++size) expect_agreement(size, 8);
}

TEST_F(CrossCheck, AgreesOnEveryShortLengthOfAssociatedData) {
  for (std::size_t size = 0; size <= 300; ++size) expect_agreement(100, size);
}

TEST_F(CrossCheck, AgreesOnRandomLengthsKeysAndAssociatedData) {
  for (int round = 0; round < 1000; ++round) {
    rekey();
    expect_agreement(rng_.below(65'536), rng_.below(2) == 0 ? 8 : rng_.below(64));
  }
  expect_agreement(65'535, 8);
}

TEST_F(CrossCheck, AgreesOnWhatToRefuse) {
  const auto nonce = make_nonce(base::PathId{1}, 5);
  const auto associated = random(rng_, 8);
  const auto sealed = seal(*fast_, nonce, associated, random(rng_, 100));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto tampered = sealed;
    tampered[i] ^= static_cast<std::uint8_t>(1 + rng_.below(255));
    expect_both_refuse(nonce, associated, tampered);
  }
  expect_both_refuse(make_nonce(base::PathId{1}, 6), associated, sealed);
  expect_both_refuse(make_nonce(base::PathId{2}, 5), associated, sealed);
  expect_both_refuse(nonce, random(rng_, 8), sealed);
}

}  // namespace
}  // namespace sennit::crypto
