// The leases as they are kept in the state folder between runs, in JSON:
//   { "leases": { "<public key>": ["10.77.0.2", "fd77::2"] } }
// A file that does not parse is as good as none: the peers get addresses anew.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "server/leases.hpp"

namespace sennit::server {

// Entries that are not a key with addresses are left out. Never throws.
LeaseTable parse_leases(std::string_view text);
std::string format_leases(const LeaseTable& table);

// What earlier runs lent.
LeaseTable read_leases(const std::filesystem::path& file);
// Throws base::Error where the disk refuses.
void write_leases(const std::filesystem::path& file, const LeaseTable& table);

}  // namespace sennit::server
