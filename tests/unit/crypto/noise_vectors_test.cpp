// Runs whole handshakes of IK and IKpsk2 from files in the layout in which Noise test vectors are published:
// the published file, where it is present, and tests/vectors/noise-ikpsk2.json (by make_noise_vectors.py).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "crypto/aead.hpp"
#include "crypto/noise.hpp"
#include "unit/crypto/hex.hpp"

namespace sennit::crypto {
namespace {

using nlohmann::json;
using test::Bytes;
using test::from_hex;
using test::to_hex;

Bytes bytes_at(const json& object, const char* key) {
  return from_hex(object.at(key).get<std::string>());
}

PrivateKey private_key_at(const json& object, const char* key) {
  return PrivateKey(Secret(bytes_at(object, key)));
}

std::optional<PresharedKey> psk_at(const json& object, const char* key) {
  if (!object.contains(key) || object.at(key).empty()) return std::nullopt;
  return PresharedKey(Secret(from_hex(object.at(key).at(0).get<std::string>())));
}

NoiseHandshake initiator_of(const json& v) {
  PublicKey remote;
  std::ranges::copy(bytes_at(v, "init_remote_static"), remote.bytes.begin());
  return NoiseHandshake::initiator(bytes_at(v, "init_prologue"), private_key_at(v, "init_static"), remote,
                                   psk_at(v, "init_psks"), private_key_at(v, "init_ephemeral"));
}

NoiseHandshake responder_of(const json& v) {
  const auto psk = psk_at(v, "resp_psks");
  auto handshake =
      NoiseHandshake::responder(bytes_at(v, "resp_prologue"), private_key_at(v, "resp_static"),
                                psk ? NoiseHandshake::Pattern::kIKpsk2 : NoiseHandshake::Pattern::kIK,
                                private_key_at(v, "resp_ephemeral"));
  if (psk) handshake.set_preshared_key(*psk);
  return handshake;
}

void run_initiation(const json& message, NoiseHandshake& initiator, NoiseHandshake& responder) {
  const auto payload = bytes_at(message, "payload");
  Bytes written(payload.size() + NoiseHandshake::kInitiationOverhead);
  ASSERT_TRUE(initiator.write_initiation(payload, written));
  EXPECT_EQ(to_hex(written), message.at("ciphertext"));
  Bytes read(payload.size());
  ASSERT_TRUE(responder.read_initiation(written, read));
  EXPECT_EQ(read, payload);
}

void run_response(const json& message, NoiseHandshake& initiator, NoiseHandshake& responder) {
  const auto payload = bytes_at(message, "payload");
  Bytes written(payload.size() + NoiseHandshake::kResponseOverhead);
  ASSERT_TRUE(responder.write_response(payload, written));
  EXPECT_EQ(to_hex(written), message.at("ciphertext"));
  Bytes read(payload.size());
  ASSERT_TRUE(initiator.read_response(written, read));
  EXPECT_EQ(read, payload);
}

// Noise, section 12.3: four zero bytes and the message's number, little-endian.
Nonce noise_nonce(std::size_t number) {
  Nonce nonce{};
  nonce[4] = static_cast<std::uint8_t>(number);
  return nonce;
}

// The messages behind the handshake: initiator and responder take turns, each with its own key and numbers.
void run_transport(const json& messages, const NoiseResult& result) {
  const auto to_responder = make_aead(Cipher::kChaCha20Poly1305, result.initiator_to_responder);
  const auto to_initiator = make_aead(Cipher::kChaCha20Poly1305, result.responder_to_initiator);
  for (std::size_t i = 2; i < messages.size(); ++i) {
    const auto& cipher = i % 2 == 0 ? to_responder : to_initiator;
    const auto payload = bytes_at(messages[i], "payload");
    Bytes sealed(payload.size() + kTagSize);
    cipher->seal(noise_nonce(i / 2 - 1), {}, payload, sealed);
    EXPECT_EQ(to_hex(sealed), messages[i].at("ciphertext")) << "message " << i;
  }
}

void expect_same(const NoiseResult& a, const NoiseResult& b) {
  EXPECT_EQ(to_hex(a.initiator_to_responder.bytes()), to_hex(b.initiator_to_responder.bytes()));
  EXPECT_EQ(to_hex(a.responder_to_initiator.bytes()), to_hex(b.responder_to_initiator.bytes()));
  EXPECT_EQ(a.handshake_hash, b.handshake_hash);
}

void run_vector(const json& v) {
  auto initiator = initiator_of(v);
  auto responder = responder_of(v);
  const auto& messages = v.at("messages");
  ASSERT_GT(messages.size(), 2U);
  ASSERT_NO_FATAL_FAILURE(run_initiation(messages[0], initiator, responder));
  EXPECT_EQ(responder.remote_static(), private_key_at(v, "init_static").public_key());
  ASSERT_NO_FATAL_FAILURE(run_response(messages[1], initiator, responder));
  const auto result = initiator.split();
  expect_same(result, responder.split());
  EXPECT_EQ(to_hex(result.handshake_hash), v.at("handshake_hash"));
  if (v.contains("split_keys")) {
    EXPECT_EQ(to_hex(result.initiator_to_responder.bytes()), v.at("split_keys").at(0));
    EXPECT_EQ(to_hex(result.responder_to_initiator.bytes()), v.at("split_keys").at(1));
  }
  run_transport(messages, result);
}

// Runs the vectors of our two protocols and says how many there were.
std::size_t run_vectors(std::istream& file) {
  std::size_t count = 0;
  const auto content = json::parse(file);
  for (const auto& v : content.at("vectors")) {
    const auto name = v.at("protocol_name").get<std::string>();
    const bool ours =
        name == "Noise_IK_25519_ChaChaPoly_BLAKE2b" || name == "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b";
    if (!ours) continue;
    SCOPED_TRACE(testing::Message() << name << ", vector " << ++count << " of its file");
    run_vector(v);
  }
  return count;
}

TEST(NoiseVectors, AgreeWithThePublishedOnes) {
  const char* chosen = std::getenv("SENNIT_NOISE_VECTORS");
  const std::string path =
      chosen != nullptr ? chosen : SENNIT_SOURCE_DIR "/../shared/data/noise-vectors.json";
  std::ifstream file(path);
  if (!file)
    GTEST_SKIP()
        << "no published Noise vectors at " << path
        << ": they are not ours to distribute; SENNIT_NOISE_VECTORS names the file (the other vectors and "
           "interop.noise still hold us against an independent implementation)";
  EXPECT_GE(run_vectors(file), 2U);
}

TEST(NoiseVectors, AgreeWithAnIndependentImplementation) {
  std::ifstream file(SENNIT_SOURCE_DIR "/tests/vectors/noise-ikpsk2.json");
  ASSERT_TRUE(file);
  EXPECT_EQ(run_vectors(file), 3U);
}

}  // namespace
}  // namespace sennit::crypto
