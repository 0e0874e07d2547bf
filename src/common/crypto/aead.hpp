// The transport cipher of one direction of one session: AES-256-GCM or ChaCha20-Poly1305 (RFC 8439).
// Used by outbound (seal) and inbound (open); keeps a precomputed key state. The caller counts nonces.
// Several libraries implement it behind make_aead(); which one does is no matter of the peer's.
// Invariant: both ciphers have a 32-byte key, 12-byte nonce and 16-byte tag, so the wire format is one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/packet.hpp"
#include "base/units.hpp"
#include "crypto/keys.hpp"

namespace sennit::crypto {

enum class Cipher : std::uint8_t {
  kChaCha20Poly1305,
  kAes256Gcm,
};

// "chacha20poly1305", "aes256gcm".
std::string_view to_string(Cipher cipher);

// Does this CPU accelerate AES-256-GCM? (ChaCha20-Poly1305 always works.)
bool aes256gcm_available();

// What make_aead() takes for it here: "ipsec-mb", "libsodium", or "none" where it is not available.
std::string_view aes256gcm_implementation();

inline constexpr std::size_t kTagSize = 16;
using Nonce = std::array<std::uint8_t, 12>;

// Path id (4, big endian) followed by the full counter (8, big endian): protocol.md section 4.
Nonce make_nonce(base::PathId path, std::uint64_t counter);

class Aead {
 public:
  virtual ~Aead() = default;
  // Writes plaintext.size() + kTagSize bytes to `out`, which starts exactly where the plaintext starts (in
  // place) or does not overlap it: ciphertext written ahead of what is still to be read would spoil it.
  virtual void seal(const Nonce& nonce, base::ConstByteSpan associated, base::ConstByteSpan plaintext,
                    base::ByteSpan out) const = 0;
  // Opens ciphertext with tag in place: the first sealed.size() - kTagSize bytes become plaintext. False: not
  // authentic (the buffer's content is then undefined and must not be used).
  [[nodiscard]] virtual bool open_in_place(const Nonce& nonce, base::ConstByteSpan associated,
                                           base::ByteSpan sealed) const = 0;

 protected:
  // Aborts when `out` of seal() is too short or overlaps the plaintext without being in place.
  static void check_buffers(base::ConstByteSpan plaintext, base::ByteSpan out);
};

// `key` is a transport key as protocol.md section 2.4 derives it; see derive_transport_key().
std::unique_ptr<Aead> make_aead(Cipher cipher, const Secret& key);

// Binds a key of Split() to the negotiated cipher: keyed BLAKE2b of "Sennit <cipher name>".
Secret derive_transport_key(Cipher cipher, const Secret& split_key);

}  // namespace sennit::crypto
