// Theory of operation. The patterns, as Noise writes them (sections 7.5 and 9.4; "psk" only in IKpsk2):
//     <- s
//     ...
//     -> e, es, s, ss
//     <- e, ee, se, psk
// write_initiation() and read_initiation() are the second line from the initiator's and the responder's side,
// write_response() and read_response() the third. With a pre-shared key, "e" is mixed into the key as well.
#include "crypto/noise.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace sennit::crypto {

namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kSealedKeySize = kKeySize + SymmetricState::kTagSize;

std::string_view protocol_name(NoiseHandshake::Pattern pattern) {
  switch (pattern) {
    case NoiseHandshake::Pattern::kIK: return "Noise_IK_25519_ChaChaPoly_BLAKE2b";
    case NoiseHandshake::Pattern::kIKpsk2: return "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b";
  }
  std::abort();
}

PublicKey to_public_key(base::ConstByteSpan bytes) {
  PublicKey key;
  std::ranges::copy(bytes, key.bytes.begin());
  return key;
}

// Mixes DH(own, remote) into the key. False: the result is all zero, so the remote key is degenerate.
[[nodiscard]] bool mix_dh(SymmetricState& symmetric, const PrivateKey& own, const PublicKey& remote) {
  Secret shared;
  const int failed =
      crypto_scalarmult_curve25519(shared.bytes().data(), own.secret().bytes().data(), remote.bytes.data());
  if (failed != 0) return false;
  symmetric.mix_key(shared.bytes());
  return true;
}

}  // namespace

NoiseHandshake::NoiseHandshake(base::ConstByteSpan prologue, const PrivateKey& own,
                               const PublicKey& responder_static, Pattern pattern,
                               const std::optional<PrivateKey>& ephemeral)
    : pattern_(pattern), symmetric_(protocol_name(pattern)), static_(own), ephemeral_(ephemeral) {
  symmetric_.mix_hash(prologue);
  symmetric_.mix_hash(responder_static.bytes);
}

NoiseHandshake NoiseHandshake::initiator(base::ConstByteSpan prologue, const PrivateKey& own,
                                         const PublicKey& remote, const std::optional<PresharedKey>& psk,
                                         const std::optional<PrivateKey>& ephemeral) {
  NoiseHandshake handshake(prologue, own, remote, psk ? Pattern::kIKpsk2 : Pattern::kIK, ephemeral);
  handshake.remote_static_ = remote;
  if (psk) handshake.psk_ = *psk;
  return handshake;
}

NoiseHandshake NoiseHandshake::responder(base::ConstByteSpan prologue, const PrivateKey& own, Pattern pattern,
                                         const std::optional<PrivateKey>& ephemeral) {
  return {prologue, own, own.public_key(), pattern, ephemeral};
}

void NoiseHandshake::set_preshared_key(const PresharedKey& psk) {
  psk_ = psk;
}

void NoiseHandshake::mix_ephemeral(SymmetricState& symmetric, base::ConstByteSpan key) const {
  symmetric.mix_hash(key);
  if (pattern_ == Pattern::kIKpsk2) symmetric.mix_key(key);
}

void NoiseHandshake::write_ephemeral(base::ByteSpan out) {
  if (!ephemeral_) ephemeral_ = PrivateKey::generate();
  std::ranges::copy(ephemeral_->public_key().bytes, out.begin());
  mix_ephemeral(symmetric_, out);
}

bool NoiseHandshake::write_initiation(base::ConstByteSpan payload, base::ByteSpan out) {
  if (out.size() != payload.size() + kInitiationOverhead) std::abort();
  write_ephemeral(out.first(kKeySize));
  if (!mix_dh(symmetric_, *ephemeral_, remote_static_)) return false;
  symmetric_.encrypt_and_hash(static_.public_key().bytes, out.subspan(kKeySize, kSealedKeySize));
  if (!mix_dh(symmetric_, static_, remote_static_)) return false;
  symmetric_.encrypt_and_hash(payload, out.subspan(kKeySize + kSealedKeySize));
  return true;
}

bool NoiseHandshake::read_initiation(base::ConstByteSpan message, base::ByteSpan payload) {
  if (message.size() < kInitiationOverhead) return false;
  remote_ephemeral_ = to_public_key(message.first(kKeySize));
  mix_ephemeral(symmetric_, message.first(kKeySize));
  if (!mix_dh(symmetric_, static_, remote_ephemeral_)) return false;
  const auto sealed_static = message.subspan(kKeySize, kSealedKeySize);
  if (!symmetric_.decrypt_and_hash(sealed_static, remote_static_.bytes)) return false;
  if (!mix_dh(symmetric_, static_, remote_static_)) return false;
  return symmetric_.decrypt_and_hash(message.subspan(kKeySize + kSealedKeySize), payload);
}

bool NoiseHandshake::write_response(base::ConstByteSpan payload, base::ByteSpan out) {
  if (out.size() != payload.size() + kResponseOverhead) std::abort();
  write_ephemeral(out.first(kKeySize));
  if (!mix_dh(symmetric_, *ephemeral_, remote_ephemeral_)) return false;
  if (!mix_dh(symmetric_, *ephemeral_, remote_static_)) return false;
  if (pattern_ == Pattern::kIKpsk2) symmetric_.mix_key_and_hash(psk_.secret().bytes());
  symmetric_.encrypt_and_hash(payload, out.subspan(kKeySize));
  return true;
}

bool NoiseHandshake::read_response(base::ConstByteSpan message, base::ByteSpan payload) {
  if (message.size() < kResponseOverhead || !ephemeral_) return false;
  const auto remote_ephemeral = to_public_key(message.first(kKeySize));
  auto symmetric = symmetric_;
  mix_ephemeral(symmetric, message.first(kKeySize));
  if (!mix_dh(symmetric, *ephemeral_, remote_ephemeral)) return false;
  if (!mix_dh(symmetric, static_, remote_ephemeral)) return false;
  if (pattern_ == Pattern::kIKpsk2) symmetric.mix_key_and_hash(psk_.secret().bytes());
  if (!symmetric.decrypt_and_hash(message.subspan(kKeySize), payload)) return false;
  symmetric_ = symmetric;
  return true;
}

const PublicKey& NoiseHandshake::remote_static() const {
  return remote_static_;
}

NoiseResult NoiseHandshake::split() const {
  const auto keys = symmetric_.split();
  return {keys.first, keys.second, symmetric_.hash()};
}

}  // namespace sennit::crypto
