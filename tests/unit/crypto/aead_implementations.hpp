// Every implementation behind crypto::Aead, so that the same tests run over each, and what those tests share.
#pragma once

#include <array>
#include <memory>

#include "base/rng.hpp"
#include "crypto/aead.hpp"
#include "crypto/ipsec_mb_aead.hpp"
#include "crypto/libsodium_aead.hpp"
#include "unit/crypto/hex.hpp"

namespace sennit::test {

using crypto::Aead;
using crypto::Cipher;
using crypto::Secret;

struct Implementation {
  const char* name;
  Cipher cipher;
  bool (*available)();
  std::unique_ptr<Aead> (*make)(const Secret& key);
};

inline constexpr std::array kImplementations{
    Implementation{"libsodium_chacha20poly1305", Cipher::kChaCha20Poly1305, [] { return true; },
                   crypto::make_libsodium_chacha20poly1305},
    Implementation{"libsodium_aes256gcm", Cipher::kAes256Gcm, crypto::aes256gcm_available,
                   crypto::make_libsodium_aes256gcm},
    Implementation{"ipsec_mb_aes256gcm", Cipher::kAes256Gcm, crypto::ipsec_mb_available,
                   crypto::make_ipsec_mb_aes256gcm},
};

inline Bytes random(base::Rng& rng, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng());
  return bytes;
}

inline Bytes seal(const Aead& aead, const crypto::Nonce& nonce, const Bytes& associated,
                  base::ConstByteSpan plaintext) {
  Bytes sealed(plaintext.size() + crypto::kTagSize);
  aead.seal(nonce, associated, plaintext, sealed);
  return sealed;
}

}  // namespace sennit::test
