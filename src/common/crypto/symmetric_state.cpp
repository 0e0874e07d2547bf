#include "crypto/symmetric_state.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <tuple>

namespace sennit::crypto {

static_assert(SymmetricState::kTagSize == crypto_aead_chacha20poly1305_ietf_ABYTES);
static_assert(SymmetricState::kHashSize <= crypto_generichash_blake2b_BYTES_MAX);

namespace {

using Hash = SymmetricState::Hash;
using ChaChaNonce = std::array<std::uint8_t, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

// The parts of a hash's input are passed one by one: no buffer has to join them.
using Parts = std::initializer_list<base::ConstByteSpan>;

Hash blake2b(Parts parts) {
  crypto_generichash_blake2b_state state;
  crypto_generichash_blake2b_init(&state, nullptr, 0, SymmetricState::kHashSize);
  for (const auto part : parts) crypto_generichash_blake2b_update(&state, part.data(), part.size());
  Hash out;
  crypto_generichash_blake2b_final(&state, out.data(), out.size());
  sodium_memzero(&state, sizeof state);
  return out;
}

// RFC 2104 with a 128-byte block: Noise asks for HMAC, not for BLAKE2b's own keyed mode.
class Hmac {
 public:
  explicit Hmac(const Hash& key) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      const std::uint8_t byte = i < key.size() ? key[i] : std::uint8_t{0};
      inner_[i] = byte ^ 0x36U;
      outer_[i] = byte ^ 0x5CU;
    }
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  ~Hmac() {
    sodium_memzero(inner_.data(), inner_.size());
    sodium_memzero(outer_.data(), outer_.size());
  }

  Hash operator()(base::ConstByteSpan first, base::ConstByteSpan second = {}) const {
    return blake2b({outer_, blake2b({inner_, first, second})});
  }

 private:
  static constexpr std::size_t kBlock = 128;
  std::array<std::uint8_t, kBlock> inner_{};
  std::array<std::uint8_t, kBlock> outer_{};
};

// What HKDF (section 4.3) gives; wiped when it goes.
struct Derived {
  Derived(const Hash& chaining_key, base::ConstByteSpan input) {
    auto temporary = Hmac(chaining_key)(input);
    const Hmac expand(temporary);
    sodium_memzero(temporary.data(), temporary.size());
    first = expand(kOne);
    second = expand(first, kTwo);
    third = expand(second, kThree);
  }
  Derived(const Derived&) = delete;
  Derived& operator=(const Derived&) = delete;
  ~Derived() {
    for (auto* output : {&first, &second, &third}) sodium_memzero(output->data(), output->size());
  }

  static constexpr std::array<std::uint8_t, 1> kOne{1};
  static constexpr std::array<std::uint8_t, 1> kTwo{2};
  static constexpr std::array<std::uint8_t, 1> kThree{3};
  Hash first;
  Hash second;
  Hash third;
};

// Section 12.3: four zero bytes, then the counter in little-endian order.
ChaChaNonce chacha_nonce(std::uint64_t counter) {
  ChaChaNonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[4 + i] = static_cast<std::uint8_t>(counter >> (8 * i));
  return nonce;
}

Secret truncated(const Hash& material) {
  return Secret(std::span(material).first(Secret::kSize));
}

}  // namespace

SymmetricState::SymmetricState(std::string_view protocol_name) {
  if (protocol_name.size() > kHashSize) std::abort();
  std::ranges::copy(protocol_name, hash_.begin());
  chaining_key_ = hash_;
}

SymmetricState::~SymmetricState() {
  sodium_memzero(chaining_key_.data(), chaining_key_.size());
}

void SymmetricState::mix_hash(base::ConstByteSpan data) {
  hash_ = blake2b({hash_, data});
}

void SymmetricState::mix_key(base::ConstByteSpan input) {
  const Derived derived(chaining_key_, input);
  chaining_key_ = derived.first;
  set_key(derived.second);
}

void SymmetricState::mix_key_and_hash(base::ConstByteSpan input) {
  const Derived derived(chaining_key_, input);
  chaining_key_ = derived.first;
  mix_hash(derived.second);
  set_key(derived.third);
}

void SymmetricState::set_key(const Hash& material) {
  key_ = truncated(material);
  nonce_ = 0;
}

void SymmetricState::encrypt_and_hash(base::ConstByteSpan plaintext, base::ByteSpan out) {
  if (out.size() != plaintext.size() + kTagSize) std::abort();
  crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(),
                                            hash_.data(), hash_.size(), nullptr, chacha_nonce(nonce_).data(),
                                            key_.bytes().data());
  ++nonce_;
  mix_hash(out);
}

bool SymmetricState::decrypt_and_hash(base::ConstByteSpan sealed, base::ByteSpan out) {
  if (sealed.size() < kTagSize) return false;
  if (out.size() != sealed.size() - kTagSize) std::abort();
  const auto next_hash = blake2b({hash_, sealed});
  const int failed = crypto_aead_chacha20poly1305_ietf_decrypt(
      out.data(), nullptr, nullptr, sealed.data(), sealed.size(), hash_.data(), hash_.size(),
      chacha_nonce(nonce_).data(), key_.bytes().data());
  if (failed != 0) return false;
  ++nonce_;
  hash_ = next_hash;
  return true;
}

SymmetricState::TransportKeys SymmetricState::split() const {
  const Derived derived(chaining_key_, {});
  return {truncated(derived.first), truncated(derived.second)};
}

}  // namespace sennit::crypto
