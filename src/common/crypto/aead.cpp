#include "crypto/aead.hpp"

#include <sodium.h>
#include <boost/endian/conversion.hpp>

#include <algorithm>
#include <cstdlib>

namespace sennit::crypto {

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
  boost::endian::store_big_u32(nonce.data(), path.value);
  boost::endian::store_big_u64(nonce.data() + sizeof(std::uint32_t), counter);
  return nonce;
}

void Aead::check_buffers(base::ConstByteSpan plaintext, base::ByteSpan out) {
  const std::size_t size = plaintext.size() + kTagSize;
  if (out.size() < size) std::abort();
  const auto from = reinterpret_cast<std::uintptr_t>(plaintext.data());
  const auto to = reinterpret_cast<std::uintptr_t>(out.data());
  const bool apart = from + plaintext.size() <= to || to + size <= from;
  if (!apart && from != to) std::abort();
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
