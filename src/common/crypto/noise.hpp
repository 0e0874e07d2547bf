// Noise_IK and Noise_IKpsk2 over 25519, ChaChaPoly, BLAKE2b (Noise Protocol Framework, revision 34).
// Stands under control/, which fills the payloads and frames the messages. Knows nothing of Sennit's bytes.
// Invariant: messages are written and read alternately, initiator first; after a failure of any function but
// read_response() the state is useless.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/packet.hpp"
#include "crypto/keys.hpp"
#include "crypto/symmetric_state.hpp"

namespace sennit::crypto {

// What stays when the handshake is over: the two keys of Split(), and the channel binding h.
struct NoiseResult {
  Secret initiator_to_responder;
  Secret responder_to_initiator;
  std::array<std::uint8_t, 64> handshake_hash{};
};

class NoiseHandshake {
 public:
  // IK mixes no pre-shared key; IKpsk2 mixes one into message 2.
  enum class Pattern : std::uint8_t { kIK, kIKpsk2 };

  // Bytes that the two messages add to their payloads.
  static constexpr std::size_t kInitiationOverhead = 32 + 48 + 16;
  static constexpr std::size_t kResponseOverhead = 32 + 16;

  // Without a pre-shared key the pattern is IK; with one it is IKpsk2. `ephemeral` is fixed only by tests.
  static NoiseHandshake initiator(base::ConstByteSpan prologue, const PrivateKey& own,
                                  const PublicKey& remote, const std::optional<PresharedKey>& psk,
                                  const std::optional<PrivateKey>& ephemeral = {});
  // The pre-shared key may be set later, when the initiator's identity is known: set_preshared_key().
  static NoiseHandshake responder(base::ConstByteSpan prologue, const PrivateKey& own, Pattern pattern,
                                  const std::optional<PrivateKey>& ephemeral = {});

  // Responder, after reading message 1: the key shared with the initiator found there.
  void set_preshared_key(const PresharedKey& psk);

  // Initiator: writes message 1; `out` is payload.size() + kInitiationOverhead long. False: a degenerate
  // remote key.
  [[nodiscard]] bool write_initiation(base::ConstByteSpan payload, base::ByteSpan out);
  // Responder: reads message 1; `payload` is message.size() - kInitiationOverhead long. False: not authentic.
  [[nodiscard]] bool read_initiation(base::ConstByteSpan message, base::ByteSpan payload);
  // Responder: writes message 2; `out` is payload.size() + kResponseOverhead long.
  [[nodiscard]] bool write_response(base::ConstByteSpan payload, base::ByteSpan out);
  // Initiator: reads message 2; `payload` is message.size() - kResponseOverhead long. False: not authentic;
  // state unchanged, so that a forged response does not end a handshake that the true one may still finish.
  [[nodiscard]] bool read_response(base::ConstByteSpan message, base::ByteSpan payload);

  // Responder, after read_initiation: who is calling.
  const PublicKey& remote_static() const;

  // After message 2.
  NoiseResult split() const;

 private:
  NoiseHandshake(base::ConstByteSpan prologue, const PrivateKey& own, const PublicKey& responder_static,
                 Pattern pattern, const std::optional<PrivateKey>& ephemeral);
  // The token "e" of the pattern, written and read.
  void write_ephemeral(base::ByteSpan out);
  void mix_ephemeral(SymmetricState& symmetric, base::ConstByteSpan key) const;

  Pattern pattern_;
  SymmetricState symmetric_;
  PrivateKey static_;
  std::optional<PrivateKey> ephemeral_;  // generated with the message that carries it
  PublicKey remote_static_;
  PublicKey remote_ephemeral_;
  PresharedKey psk_;
};

}  // namespace sennit::crypto
