#include "crypto/keys.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>

namespace sennit::crypto {

namespace {

constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;
constexpr std::size_t kBase64Size = 44;

// Decodes exactly as many bytes as `out` holds.
[[nodiscard]] bool decode(std::string_view text, base::ByteSpan out) {
  if (text.size() != kBase64Size) return false;
  std::size_t written = 0;
  const int failed = sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &written,
                                       nullptr, kBase64);
  return failed == 0 && written == out.size();
}

std::string encode(base::ConstByteSpan bytes) {
  std::string text(kBase64Size + 1, '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kBase64);
  text.resize(kBase64Size);
  return text;
}

std::optional<Secret> decode_secret(std::string_view text) {
  Secret secret;
  if (!decode(text, secret.bytes())) return std::nullopt;
  return secret;
}

}  // namespace

void initialise() {
  if (sodium_init() < 0) std::abort();
}

void random_bytes(base::ByteSpan out) {
  randombytes_buf(out.data(), out.size());
}

Secret::Secret(base::ConstByteSpan bytes) {
  if (bytes.size() != kSize) std::abort();
  std::ranges::copy(bytes, bytes_.begin());
}

Secret::~Secret() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

std::optional<PublicKey> PublicKey::from_base64(std::string_view text) {
  PublicKey key;
  if (!decode(text, key.bytes)) return std::nullopt;
  return key;
}

std::string PublicKey::to_base64() const {
  return encode(bytes);
}

PrivateKey::PrivateKey(const Secret& secret) : secret_(secret) {
  crypto_scalarmult_curve25519_base(public_key_.bytes.data(), secret_.bytes().data());
}

PrivateKey PrivateKey::generate() {
  Secret secret;
  random_bytes(secret.bytes());
  return PrivateKey(secret);
}

std::optional<PrivateKey> PrivateKey::from_base64(std::string_view text) {
  const auto secret = decode_secret(text);
  if (!secret) return std::nullopt;
  return PrivateKey(*secret);
}

std::string PrivateKey::to_base64() const {
  return encode(secret_.bytes());
}

std::optional<PresharedKey> PresharedKey::from_base64(std::string_view text) {
  const auto secret = decode_secret(text);
  if (!secret) return std::nullopt;
  return PresharedKey(*secret);
}

}  // namespace sennit::crypto
