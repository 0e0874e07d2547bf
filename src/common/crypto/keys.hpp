// X25519 keys and other secrets as types of their own; base64 text forms.
// Everything secret is wiped when it goes. crypto is the only folder that includes libsodium.
// Invariant: initialise() has run before anything else in this folder is called.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/packet.hpp"

namespace sennit::crypto {

// Prepares the library; aborts when the system has no randomness. Idempotent.
void initialise();

// Fills with bytes that nobody can guess.
void random_bytes(base::ByteSpan out);

// 32 secret bytes, wiped at destruction.
class Secret {
 public:
  static constexpr std::size_t kSize = 32;
  Secret() = default;
  // Exactly kSize bytes; any other length is a bug and aborts.
  explicit Secret(base::ConstByteSpan bytes);
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();
  base::ConstByteSpan bytes() const { return bytes_; }
  base::ByteSpan bytes() { return bytes_; }

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

// A static or ephemeral public key; base64 of 32 bytes (44 characters) as text, as WireGuard writes it.
struct PublicKey {
  std::array<std::uint8_t, 32> bytes{};
  // Nothing but the canonical 44 characters is taken.
  static std::optional<PublicKey> from_base64(std::string_view text);
  std::string to_base64() const;
  auto operator<=>(const PublicKey&) const = default;
};

// An X25519 private key with its public key.
class PrivateKey {
 public:
  // From the system's randomness.
  static PrivateKey generate();
  // Any 32 bytes are a private key: X25519 clamps them.
  explicit PrivateKey(const Secret& secret);
  static std::optional<PrivateKey> from_base64(std::string_view text);
  // The text is not wiped: it is for the one who asked for the key.
  std::string to_base64() const;
  PublicKey public_key() const { return public_key_; }
  const Secret& secret() const { return secret_; }

 private:
  Secret secret_;
  PublicKey public_key_;  // kept, since every handshake needs it and it costs a curve operation
};

// An optional key shared beforehand by both ends; all zero when absent.
class PresharedKey {
 public:
  PresharedKey() = default;
  explicit PresharedKey(const Secret& secret) : secret_(secret) {}
  static std::optional<PresharedKey> from_base64(std::string_view text);
  const Secret& secret() const { return secret_; }

 private:
  Secret secret_;
};

}  // namespace sennit::crypto
