#include <cstdlib>

#include "crypto/aead.hpp"
#include "crypto/ipsec_mb_aead.hpp"
#include "crypto/libsodium_aead.hpp"

namespace sennit::crypto {

std::string_view aes256gcm_implementation() {
  if (!aes256gcm_available()) return "none";
  return ipsec_mb_available() ? "ipsec-mb" : "libsodium";
}

std::unique_ptr<Aead> make_aead(Cipher cipher, const Secret& key) {
  switch (cipher) {
    case Cipher::kChaCha20Poly1305: return make_libsodium_chacha20poly1305(key);
    case Cipher::kAes256Gcm:
      return ipsec_mb_available() ? make_ipsec_mb_aes256gcm(key) : make_libsodium_aes256gcm(key);
  }
  std::abort();
}

}  // namespace sennit::crypto
