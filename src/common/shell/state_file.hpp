// Small files of the state folder, replaced as a whole: a crash leaves the old one or the new one, never half
// of one. Holds the client's last timestamp and the gateway's leases; what stands in them is their owners'
// matter.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/keys.hpp"

namespace sennit::shell {

// The file's text; none where it does not exist or cannot be read.
std::optional<std::string> read_state_file(const std::filesystem::path& file);

// Writes a new file beside it, mode 0600, and renames. Throws base::Error where the disk refuses.
void write_state_file(const std::filesystem::path& file, std::string_view text);

// `KIND-0123456789abcdef`: a name of its own for every key, so that endpoints may share a state folder.
std::string state_file_name(std::string_view kind, const crypto::PublicKey& own);

}  // namespace sennit::shell
