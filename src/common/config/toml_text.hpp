// TOML nodes as the text that parsers of values take; shared by everything that reads TOML.
#pragma once

#include <toml++/toml.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/parsed.hpp"
#include "config/profiles.hpp"

namespace sennit::config {

// One direction's impairment as a file has it: a string of options, or a table of them.
struct ImpairmentNode {
  std::string text;
  std::map<std::string, unsigned, std::less<>> lines;  // of the options of a table
  std::vector<std::pair<unsigned, Invalid>> refused;   // by line: what is of a wrong type
};
ImpairmentNode read_impairment(const toml::node& node);
// The text alone, or the first refusal.
Parsed<std::string> impairment_text(const toml::node& node);
// What a file has in the place of what is expected, as in "a boolean".
std::string kind_of(const toml::node& node);

// The profiles of a text that was parsed already; see profiles.hpp.
std::vector<Profile> read_profiles(const toml::table& root, std::string_view file_name, const ReadFile& read,
                                   Problems& problems);

}  // namespace sennit::config
