#include "crypto/mac.hpp"

#include <sodium.h>

#include <algorithm>
#include <string_view>
#include <tuple>

namespace sennit::crypto {

static_assert(std::tuple_size_v<CookieNonce> == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(std::tuple_size_v<SealedCookie> ==
              std::tuple_size_v<Cookie> + crypto_aead_xchacha20poly1305_ietf_ABYTES);

namespace {

base::ConstByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void keyed_blake2b(base::ConstByteSpan key, base::ConstByteSpan message, base::ByteSpan out) {
  crypto_generichash_blake2b(out.data(), out.size(), message.data(), message.size(), key.data(), key.size());
}

// Unkeyed BLAKE2b of a label that names the use, followed by a public key.
Secret labelled_key(std::string_view label, const PublicKey& key) {
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, nullptr, 0, Secret::kSize);
  crypto_generichash_blake2b_update(&state, as_bytes(label).data(), label.size());
  crypto_generichash_blake2b_update(&state, key.bytes.data(), key.bytes.size());
  Secret out;
  crypto_generichash_blake2b_final(&state, out.bytes().data(), Secret::kSize);
  return out;
}

}  // namespace

Secret mac1_key(const PublicKey& receiver) {
  return labelled_key("Sennit mac1", receiver);
}

Mac compute_mac1(const Secret& key, base::ConstByteSpan message) {
  Mac mac;
  keyed_blake2b(key.bytes(), message, mac);
  return mac;
}

Mac compute_mac2(const Cookie& cookie, base::ConstByteSpan message) {
  Mac mac;
  keyed_blake2b(cookie, message, mac);
  return mac;
}

bool equal(const Mac& mac, base::ConstByteSpan bytes) {
  return bytes.size() == mac.size() && sodium_memcmp(mac.data(), bytes.data(), mac.size()) == 0;
}

Secret cookie_key(const PublicKey& gateway) {
  return labelled_key("Sennit cookie", gateway);
}

Cookie compute_cookie(const Secret& secret, const base::SocketAddress& from) {
  std::array<std::uint8_t, 18> sender{};
  auto end = std::ranges::copy(from.address.bytes(), sender.begin()).out;
  *end++ = static_cast<std::uint8_t>(from.port >> 8U);
  *end++ = static_cast<std::uint8_t>(from.port & 0xFFU);
  Cookie cookie;
  keyed_blake2b(secret.bytes(), {sender.begin(), end}, cookie);
  return cookie;
}

SealedCookie seal_cookie(const Secret& key, const CookieNonce& nonce, const Mac& mac1, const Cookie& cookie) {
  SealedCookie sealed;
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data(), nullptr, cookie.data(), cookie.size(),
                                             mac1.data(), mac1.size(), nullptr, nonce.data(),
                                             key.bytes().data());
  return sealed;
}

std::optional<Cookie> open_cookie(const Secret& key, const CookieNonce& nonce, const Mac& mac1,
                                  const SealedCookie& sealed) {
  Cookie cookie;
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      cookie.data(), nullptr, nullptr, sealed.data(), sealed.size(), mac1.data(), mac1.size(), nonce.data(),
      key.bytes().data());
  if (failed != 0) return std::nullopt;
  return cookie;
}

}  // namespace sennit::crypto
