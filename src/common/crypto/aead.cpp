#include "crypto/aead.hpp"

#include <sodium.h>

#include <algorithm>
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
    if (out.size() < plaintext.size() + kTagSize) std::abort();
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
    if (out.size() < plaintext.size() + kTagSize) std::abort();
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

std::string_view to_string(Cipher cipher) {
  switch (cipher) {
    case Cipher::kChaCha20Poly1305: return "chacha20poly1305";
    case Cipher::kAes256Gcm: return "aes256gcm";
  }
  std::abort();
}

bool aes256gcm_available() {
  return crypto_aead_aes256gcm_is_available() == 1;
}

Nonce make_nonce(base::PathId path, std::uint64_t counter) {
  Nonce nonce{};
  nonce[3] = path.value;
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<std::uint8_t>(counter >> (56 - 8 * i));
  return nonce;
}

std::unique_ptr<Aead> make_aead(Cipher cipher, const Secret& key) {
  switch (cipher) {
    case Cipher::kChaCha20Poly1305: return std::make_unique<ChaCha20Poly1305>(key);
    case Cipher::kAes256Gcm: return std::make_unique<Aes256Gcm>(key);
  }
  std::abort();
}

Secret derive_transport_key(Cipher cipher, const Secret& split_key) {
  constexpr std::string_view kPrefix = "Sennit ";
  std::array<std::uint8_t, 32> label{};
  auto end = std::ranges::copy(kPrefix, label.begin()).out;
  end = std::ranges::copy(to_string(cipher), end).out;
  Secret key;
  crypto_generichash_blake2b(key.bytes().data(), Secret::kSize, label.data(),
                             static_cast<std::size_t>(end - label.begin()), split_key.bytes().data(),
                             Secret::kSize);
  return key;
}

}  // namespace sennit::crypto
