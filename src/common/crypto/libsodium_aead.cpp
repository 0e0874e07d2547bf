#include "crypto/libsodium_aead.hpp"

#include <sodium.h>

#include <cstdlib>
#include <tuple>

namespace sennit::crypto {

static_assert(kTagSize == crypto_aead_aes256gcm_ABYTES);
static_assert(kTagSize == crypto_aead_chacha20poly1305_ietf_ABYTES);
static_assert(std::tuple_size_v<Nonce> == crypto_aead_aes256gcm_NPUBBYTES);
static_assert(std::tuple_size_v<Nonce> == crypto_aead_chacha20poly1305_ietf_NPUBBYTES);

namespace {

class ChaCha20Poly1305 final : public Aead {
 public:
  explicit ChaCha20Poly1305(const Secret& key) : key_(key) {}

  void seal(const Nonce& nonce, base::ConstByteSpan associated, base::ConstByteSpan plaintext,
            base::ByteSpan out) const override {
    check_buffers(plaintext, out);
    crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(),
                                              associated.data(), associated.size(), nullptr, nonce.data(),
                                              key_.bytes().data());
  }

  bool open_in_place(const Nonce& nonce, base::ConstByteSpan associated,
                     base::ByteSpan sealed) const override {
    if (sealed.size() < kTagSize) return false;
    return crypto_aead_chacha20poly1305_ietf_decrypt(sealed.data(), nullptr, nullptr, sealed.data(),
                                                     sealed.size(), associated.data(), associated.size(),
                                                     nonce.data(), key_.bytes().data()) == 0;
  }

 private:
  Secret key_;
};

class Aes256Gcm final : public Aead {
 public:
  explicit Aes256Gcm(const Secret& key) {
    if (!aes256gcm_available()) std::abort();
    crypto_aead_aes256gcm_beforenm(&expanded_key_, key.bytes().data());
  }
  Aes256Gcm(const Aes256Gcm&) = delete;
  Aes256Gcm& operator=(const Aes256Gcm&) = delete;
  ~Aes256Gcm() override { sodium_memzero(&expanded_key_, sizeof expanded_key_); }

  void seal(const Nonce& nonce, base::ConstByteSpan associated, base::ConstByteSpan plaintext,
            base::ByteSpan out) const override {
    check_buffers(plaintext, out);
    crypto_aead_aes256gcm_encrypt_afternm(out.data(), nullptr, plaintext.data(), plaintext.size(),
                                          associated.data(), associated.size(), nullptr, nonce.data(),
                                          &expanded_key_);
  }

  bool open_in_place(const Nonce& nonce, base::ConstByteSpan associated,
                     base::ByteSpan sealed) const override {
    if (sealed.size() < kTagSize) return false;
    return crypto_aead_aes256gcm_decrypt_afternm(sealed.data(), nullptr, nullptr, sealed.data(),
                                                 sealed.size(), associated.data(), associated.size(),
                                                 nonce.data(), &expanded_key_) == 0;
  }

 private:
  crypto_aead_aes256gcm_state expanded_key_;  // its type asks for the alignment that AES-NI needs
};

}  // namespace

std::unique_ptr<Aead> make_libsodium_chacha20poly1305(const Secret& key) {
  return std::make_unique<ChaCha20Poly1305>(key);
}

std::unique_ptr<Aead> make_libsodium_aes256gcm(const Secret& key) {
  return std::make_unique<Aes256Gcm>(key);
}

}  // namespace sennit::crypto
