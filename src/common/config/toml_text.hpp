// TOML nodes as the text that parsers of values take; shared by everything that reads TOML.
#pragma once

#include <toml++/toml.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/parsed.hpp"
#include "config/profiles.hpp"

namespace sennit::config {

// One direction's impairment: a string of options, or a table of them.
Parsed<std::string> impairment_text(const toml::node& node);

// The profiles of a text that was parsed already; see profiles.hpp.
std::vector<Profile> read_profiles(const toml::table& root, std::string_view file_name, const ReadFile& read,
                                   Problems& problems);

}  // namespace sennit::config
