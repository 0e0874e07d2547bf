// Keyed BLAKE2b macs and cookies of handshake messages (protocol.md sections 2.1 and 3).
// Used by control/ only. Comparisons take constant time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/packet.hpp"
#include "crypto/keys.hpp"

namespace sennit::crypto {

using Mac = std::array<std::uint8_t, 16>;
using Cookie = std::array<std::uint8_t, 16>;

// The key of mac1 for messages sent to the holder of `receiver`.
Secret mac1_key(const PublicKey& receiver);
// mac1 over everything in front of it.
Mac compute_mac1(const Secret& key, base::ConstByteSpan message);
// mac2, keyed by a cookie.
Mac compute_mac2(const Cookie& cookie, base::ConstByteSpan message);
// In constant time.
bool equal(const Mac& mac, base::ConstByteSpan bytes);

// The key that seals cookie replies of the gateway with this public key.
Secret cookie_key(const PublicKey& gateway);
// The cookie of an address under the gateway's current secret.
Cookie compute_cookie(const Secret& secret, const base::SocketAddress& from);
using SealedCookie = std::array<std::uint8_t, 32>;
using CookieNonce = std::array<std::uint8_t, 24>;
// XChaCha20-Poly1305 with the initiation's mac1 as associated data.
SealedCookie seal_cookie(const Secret& key, const CookieNonce& nonce, const Mac& mac1, const Cookie& cookie);
std::optional<Cookie> open_cookie(const Secret& key, const CookieNonce& nonce, const Mac& mac1,
                                  const SealedCookie& sealed);

}  // namespace sennit::crypto
