// `sennit check FILE`: everything that can be said about a configuration without touching the system.
// Reads the file and the key files that it names, nothing else.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

// Every problem of the file, one text each; none when the file is good.
std::vector<std::string> check_file(const std::filesystem::path& file);

// Whether the key files that the options name exist, are closed to others and hold keys.
Problems check_key_files(const GatewayOptions& options);
Problems check_key_files(const ClientOptions& options);

}  // namespace sennit::config
