#include "crypto/noise.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/crypto/hex.hpp"

namespace sennit::crypto {
namespace {

using test::Bytes;
using test::from_hex;
using test::to_hex;

constexpr auto kInitiationOverhead = NoiseHandshake::kInitiationOverhead;
constexpr auto kResponseOverhead = NoiseHandshake::kResponseOverhead;

class Noise : public testing::Test {
 protected:
  NoiseHandshake client(const std::optional<PresharedKey>& psk) const {
    return NoiseHandshake::initiator(prologue_, client_key_, gateway_key_.public_key(), psk);
  }
  NoiseHandshake gateway() const {
    return NoiseHandshake::responder(prologue_, gateway_key_, NoiseHandshake::Pattern::kIKpsk2);
  }
  Bytes initiation(NoiseHandshake& from) const {
    Bytes message(asked_.size() + kInitiationOverhead);
    EXPECT_TRUE(from.write_initiation(asked_, message));
    return message;
  }
  Bytes response(NoiseHandshake& from) const {
    Bytes message(answered_.size() + kResponseOverhead);
    EXPECT_TRUE(from.write_response(answered_, message));
    return message;
  }
  bool read(NoiseHandshake& by, const Bytes& initiation) const {
    Bytes payload(initiation.size() - std::min(initiation.size(), kInitiationOverhead));
    return by.read_initiation(initiation, payload) && payload == asked_;
  }
  bool read_answer(NoiseHandshake& by, const Bytes& response) const {
    Bytes payload(response.size() - std::min(response.size(), kResponseOverhead));
    return by.read_response(response, payload) && payload == answered_;
  }

  const Bytes prologue_ = from_hex("53656e6e6974");
  const Bytes asked_ = from_hex("0102030405");
  const Bytes answered_ = from_hex("0607");
  const PrivateKey client_key_ = PrivateKey::generate();
  const PrivateKey gateway_key_ = PrivateKey::generate();
  const PresharedKey psk_{Secret(Bytes(Secret::kSize, 0x11))};
};

TEST_F(Noise, GivesBothEndsTheSameKeysAndTellsTheGatewayWhoCalls) {
  auto initiator = client(psk_);
  auto responder = gateway();
  ASSERT_TRUE(read(responder, initiation(initiator)));
  EXPECT_EQ(responder.remote_static(), client_key_.public_key());
  responder.set_preshared_key(psk_);
  ASSERT_TRUE(read_answer(initiator, response(responder)));
  const auto ours = initiator.split();
  const auto theirs = responder.split();
  EXPECT_EQ(to_hex(ours.initiator_to_responder.bytes()), to_hex(theirs.initiator_to_responder.bytes()));
  EXPECT_EQ(to_hex(ours.responder_to_initiator.bytes()), to_hex(theirs.responder_to_initiator.bytes()));
  EXPECT_NE(to_hex(ours.initiator_to_responder.bytes()), to_hex(ours.responder_to_initiator.bytes()));
  EXPECT_EQ(ours.handshake_hash, theirs.handshake_hash);
}

TEST_F(Noise, UsesANewEphemeralKeyForEachHandshake) {
  auto first = client(psk_);
  auto second = client(psk_);
  EXPECT_NE(initiation(first), initiation(second));
}

TEST_F(Noise, TakesAnAbsentPresharedKeyForAllZero) {
  auto initiator = client(PresharedKey());
  auto responder = gateway();
  ASSERT_TRUE(read(responder, initiation(initiator)));
  EXPECT_TRUE(read_answer(initiator, response(responder)));
}

TEST_F(Noise, FailsAtTheResponseWhenThePresharedKeysDiffer) {
  auto initiator = client(psk_);
  auto responder = gateway();
  ASSERT_TRUE(read(responder, initiation(initiator)));
  EXPECT_FALSE(read_answer(initiator, response(responder)));
}

TEST_F(Noise, RefusesAnInitiationWithAnyByteChanged) {
  auto initiator = client(psk_);
  const auto message = initiation(initiator);
  for (std::size_t i = 0; i < message.size(); ++i) {
    auto changed = message;
    changed[i] ^= 0x80U;
    auto responder = gateway();
    EXPECT_FALSE(read(responder, changed)) << "byte " << i;
  }
}

TEST_F(Noise, RefusesACutInitiation) {
  auto initiator = client(psk_);
  const auto message = initiation(initiator);
  for (std::size_t size = 0; size < message.size(); ++size) {
    auto responder = gateway();
    const Bytes cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read(responder, cut)) << "cut to " << size;
  }
}

TEST_F(Noise, RefusesAnInitiationForAnotherGatewayOrPrologue) {
  auto initiator = client(psk_);
  const auto message = initiation(initiator);
  auto other_key =
      NoiseHandshake::responder(prologue_, PrivateKey::generate(), NoiseHandshake::Pattern::kIKpsk2);
  EXPECT_FALSE(read(other_key, message));
  auto other_prologue = NoiseHandshake::responder({}, gateway_key_, NoiseHandshake::Pattern::kIKpsk2);
  EXPECT_FALSE(read(other_prologue, message));
  auto other_pattern = NoiseHandshake::responder(prologue_, gateway_key_, NoiseHandshake::Pattern::kIK);
  EXPECT_FALSE(read(other_pattern, message));
}

TEST_F(Noise, TakesTheTrueResponseAfterAnyNumberOfForgedOnes) {
  auto initiator = client(psk_);
  auto responder = gateway();
  ASSERT_TRUE(read(responder, initiation(initiator)));
  responder.set_preshared_key(psk_);
  const auto message = response(responder);
  for (std::size_t i = 0; i < message.size(); ++i) {
    auto forged = message;
    forged[i] ^= 1U;
    EXPECT_FALSE(read_answer(initiator, forged)) << "byte " << i;
    const Bytes cut(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(read_answer(initiator, cut)) << "cut to " << i;
  }
  EXPECT_FALSE(read_answer(initiator, Bytes(message.size())));
  ASSERT_TRUE(read_answer(initiator, message));
  EXPECT_EQ(initiator.split().handshake_hash, responder.split().handshake_hash);
}

// Points of small order: with any of them the result of X25519 is all zero, whatever the private key.
const char* const kDegenerate[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

TEST_F(Noise, RefusesToCallAGatewayWithADegenerateKey) {
  for (const auto* hex : kDegenerate) {
    PublicKey remote;
    std::ranges::copy(from_hex(hex), remote.bytes.begin());
    auto initiator = NoiseHandshake::initiator(prologue_, client_key_, remote, psk_);
    Bytes message(asked_.size() + kInitiationOverhead);
    EXPECT_FALSE(initiator.write_initiation(asked_, message)) << hex;
  }
}

TEST_F(Noise, RefusesADegenerateEphemeralKey) {
  auto initiator = client(psk_);
  auto message = initiation(initiator);
  for (const auto* hex : kDegenerate) {
    std::ranges::copy(from_hex(hex), message.begin());
    auto responder = gateway();
    EXPECT_FALSE(read(responder, message)) << hex;
    Bytes forged(answered_.size() + kResponseOverhead);
    std::ranges::copy(from_hex(hex), forged.begin());
    EXPECT_FALSE(read_answer(initiator, forged)) << hex;
  }
}

TEST_F(Noise, ReadsNoResponseBeforeItsInitiationIsWritten) {
  auto initiator = client(psk_);
  EXPECT_FALSE(read_answer(initiator, Bytes(answered_.size() + kResponseOverhead)));
}

}  // namespace
}  // namespace sennit::crypto
