// Reads the TOML configuration of a gateway, a client or a shaper.
// Collects every problem rather than stopping at the first; reads no file but the configuration itself.
// Whether the settings fit each other is validate.hpp's; it comes after the command line has had its say.
// Invariant: no text, however broken, makes load_text() throw.
#pragma once

#include <filesystem>
#include <string_view>
#include <variant>

#include "config/options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

// What a file says: for one of them, or (with problems) for none.
struct Loaded {
  std::variant<std::monostate, GatewayOptions, ClientOptions, ShaperOptions> options;
  Problems problems;
};

// Reads a configuration from text; `file_name` stands in the messages, and paths in the text are relative to
// its folder.
Loaded load_text(std::string_view text, std::string_view file_name);

// Reads a configuration file; one that cannot be read is a problem, too.
Loaded load_file(const std::filesystem::path& file);

}  // namespace sennit::config
