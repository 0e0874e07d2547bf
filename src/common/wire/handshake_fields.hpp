// What the two handshake payloads carry inside Noise (protocol.md section 2.3): fields to structs and back.
// Unknown fields are skipped, unknown critical ones refuse the whole; padding is written by serialize().
// A field that the table does not give for this message counts as unknown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/packet.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::wire {

// Bits of the ciphers field.
inline constexpr std::uint8_t kCipherChaCha20Poly1305 = 0x01;
inline constexpr std::uint8_t kCipherAes256Gcm = 0x02;

struct InitiationFields {
  std::uint64_t timestamp = 0;          // ns since the Unix epoch
  std::uint8_t ciphers = 0;             // bits above
  std::vector<base::Prefix> addresses;  // asked for
  std::vector<base::Prefix> networks;   // behind the client
  std::string software;

  // None: a field is malformed, missing, repeated against the rule, or critical and unknown.
  static std::optional<InitiationFields> parse(base::ConstByteSpan payload);
  // Padded to at least `smallest` bytes (one more where a single byte is missing); none when longer than
  // `largest`.
  std::optional<std::vector<std::uint8_t>> serialize(std::size_t smallest, std::size_t largest) const;
};

struct ResponseFields {
  std::uint8_t cipher = 0;  // exactly one bit
  base::SessionIndex index;
  std::vector<base::Prefix> addresses;  // the client's own
  std::vector<base::Prefix> gateway_addresses;
  std::vector<base::Prefix> networks;  // accepted
  std::string software;

  static std::optional<ResponseFields> parse(base::ConstByteSpan payload);
  // Never longer than `largest`: what does not fit is left out, software first, then networks, then gateway
  // addresses. None when even the mandatory fields and addresses do not fit.
  std::optional<std::vector<std::uint8_t>> serialize(std::size_t largest) const;
};

}  // namespace sennit::wire
