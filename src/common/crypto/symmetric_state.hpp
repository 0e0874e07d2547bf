// SymmetricState and CipherState of Noise (revision 34, sections 5.1 and 5.2), for BLAKE2b and ChaChaPoly.
// Stands under NoiseHandshake, which mixes keys and messages into it in the order of its pattern.
// Knows no patterns, no Diffie-Hellman. Everything secret is wiped when it goes.
// Invariant: mix_key() comes before the first encrypt_and_hash() or decrypt_and_hash(); both patterns do so.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/packet.hpp"
#include "crypto/keys.hpp"

namespace sennit::crypto {

class SymmetricState {
 public:
  static constexpr std::size_t kHashSize = 64;
  static constexpr std::size_t kTagSize = 16;
  using Hash = std::array<std::uint8_t, kHashSize>;

  // At most kHashSize characters.
  explicit SymmetricState(std::string_view protocol_name);
  SymmetricState(const SymmetricState&) = default;
  SymmetricState& operator=(const SymmetricState&) = default;
  ~SymmetricState();

  // Binds public bytes to the handshake.
  void mix_hash(base::ConstByteSpan data);
  // Makes the next cipher key depend on the outcome of a Diffie-Hellman exchange.
  void mix_key(base::ConstByteSpan input);
  // Makes keys and hash depend on a pre-shared key.
  void mix_key_and_hash(base::ConstByteSpan input);
  // `out` is plaintext.size() + kTagSize long.
  void encrypt_and_hash(base::ConstByteSpan plaintext, base::ByteSpan out);
  // `out` is sealed.size() - kTagSize long. False: not authentic; the state is unchanged.
  [[nodiscard]] bool decrypt_and_hash(base::ConstByteSpan sealed, base::ByteSpan out);

  // The two transport keys, the initiator's sending key first.
  struct TransportKeys {
    Secret first;
    Secret second;
  };
  TransportKeys split() const;
  const Hash& hash() const { return hash_; }

 private:
  void set_key(const Hash& material);

  Hash hash_{};
  Hash chaining_key_{};
  Secret key_;
  std::uint64_t nonce_ = 0;
};

}  // namespace sennit::crypto
