// Key files: one line of base64, readable by their owner only.
// Stands between the disk and crypto's key types; the text of a private key is wiped after use.
// Invariant: a key that anybody else could read is refused, and no existing file is written over.
#pragma once

#include <filesystem>
#include <string_view>

#include "crypto/keys.hpp"

namespace sennit::config {

// Reads a private key; throws UsageError when the file is missing, open to others, or holds no key.
crypto::PrivateKey read_private_key(const std::filesystem::path& file);

// Reads a pre-shared key under the same rules.
crypto::PresharedKey read_preshared_key(const std::filesystem::path& file);

// Takes a private key from text, as from standard input; `source` names it in the UsageError.
crypto::PrivateKey private_key_from_text(std::string_view text, std::string_view source);

// Writes a new private key, mode 0600; throws Error when the file exists or cannot be written.
void write_private_key(const std::filesystem::path& file, const crypto::PrivateKey& key);

}  // namespace sennit::config
