#include "crypto/symmetric_state.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/crypto/hex.hpp"

namespace sennit::crypto {
namespace {

using test::Bytes;
using test::to_hex;

const Bytes kInput(32, 0x42);
const Bytes kPlaintext{1, 2, 3, 4};

SymmetricState keyed() {
  SymmetricState state("Noise_Test");
  state.mix_key(kInput);
  return state;
}

Bytes encrypt(SymmetricState& state) {
  Bytes sealed(kPlaintext.size() + SymmetricState::kTagSize);
  state.encrypt_and_hash(kPlaintext, sealed);
  return sealed;
}

bool decrypts(SymmetricState& state, const Bytes& sealed) {
  Bytes plaintext(kPlaintext.size());
  return state.decrypt_and_hash(sealed, plaintext) && plaintext == kPlaintext;
}

TEST(SymmetricState, StartsFromTheProtocolNamePaddedWithZeros) {
  const SymmetricState state("Noise_Test");
  EXPECT_EQ(to_hex(state.hash()), "4e6f6973655f54657374" + std::string(108, '0'));
}

TEST(SymmetricState, ReadsSeveralMessagesUnderOneKeyInTheOrderInWhichTheyWereWritten) {
  auto writer = keyed();
  auto reader = keyed();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(decrypts(reader, encrypt(writer)));
  EXPECT_EQ(writer.hash(), reader.hash());
}

TEST(SymmetricState, CountsTheMessagesUnderOneKey) {
  // The hashes agree here, and so do the keys: only the number of messages is another.
  auto ahead = keyed();
  auto fresh = keyed();
  const auto first = encrypt(ahead);
  const auto second = encrypt(ahead);
  fresh.mix_hash(first);
  EXPECT_FALSE(decrypts(fresh, second));
}

TEST(SymmetricState, IsUnchangedByAForgedMessage) {
  auto writer = keyed();
  auto reader = keyed();
  const auto sealed = encrypt(writer);
  const auto before = reader.hash();
  auto forged = sealed;
  forged.back() ^= 1U;
  EXPECT_FALSE(decrypts(reader, forged));
  EXPECT_EQ(reader.hash(), before);
  EXPECT_TRUE(decrypts(reader, sealed));
}

TEST(SymmetricState, MakesKeysDependOnEveryInput) {
  auto with_psk = keyed();
  with_psk.mix_key_and_hash(kInput);
  auto with_two_keys = keyed();
  with_two_keys.mix_key(kInput);
  EXPECT_NE(with_psk.hash(), with_two_keys.hash());
  EXPECT_NE(to_hex(keyed().split().first.bytes()), to_hex(with_two_keys.split().first.bytes()));
}

}  // namespace
}  // namespace sennit::crypto
