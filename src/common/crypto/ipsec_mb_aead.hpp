// AES-256-GCM by Intel's multi-buffer library, several blocks a register: two to five times as fast as
// libsodium. Used by make_aead() where the build has the library and the CPU suits it; else
// without_ipsec_mb.cpp stands in. Only the library's direct functions are used: they keep all state in their
// arguments, so any thread may call them. (They also clear an error number that all threads share and nobody
// reads.) Invariant: seals the same bytes as libsodium.
#pragma once

#include <memory>

#include "crypto/aead.hpp"
#include "crypto/keys.hpp"

namespace sennit::crypto {

// Does the library work here: built in, AES and carry-less multiplication in the CPU, its self-test passed?
bool ipsec_mb_available();

// Aborts where it is not available.
std::unique_ptr<Aead> make_ipsec_mb_aes256gcm(const Secret& key);

}  // namespace sennit::crypto
