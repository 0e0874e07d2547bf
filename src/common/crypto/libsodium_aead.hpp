// Both transport ciphers by libsodium: the portable implementation, and the reference of the others.
// Used by make_aead() alone.
// Invariant: AES-256-GCM asks for a CPU that libsodium accelerates it on; see aes256gcm_available().
#pragma once

#include <memory>

#include "crypto/aead.hpp"
#include "crypto/keys.hpp"

namespace sennit::crypto {

std::unique_ptr<Aead> make_libsodium_chacha20poly1305(const Secret& key);

// Aborts where the CPU does not accelerate it.
std::unique_ptr<Aead> make_libsodium_aes256gcm(const Secret& key);

}  // namespace sennit::crypto
