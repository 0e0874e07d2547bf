// The impairment of one direction as users write it, `rate=780kbit delay=100ms loss=1%`, read into Settings.
// The same table of keys serves the command line, a profile's table, a device's and a link's. Nothing is
// half-applied: either every key is right and they go together, or there are no settings.
// Grammar and keys: docs/impairment.md, "Options".
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/parsed.hpp"
#include "impair/settings.hpp"

namespace sennit::config {

// Gives the content of a file that an option names (`trace`, `distribution`), or why not.
using ReadFile = std::function<Parsed<std::string>(const std::string& path)>;

// Reads up to 64 MiB from the file system.
Parsed<std::string> read_file(const std::string& path);

using KeyAndValue = std::pair<std::string, std::string>;

// `key=value` divided by blanks; a word without = belongs to the value before it.
Parsed<std::vector<KeyAndValue>> split_impairment(std::string_view text);
// The settings that these keys ask for.
Parsed<impair::Settings> parse_impairment(const std::vector<KeyAndValue>& keys, const ReadFile& read);
Parsed<impair::Settings> parse_impairment(std::string_view text, const ReadFile& read);
// The same with the names of files relative to `folder`; in the settings they are absolute.
Parsed<impair::Settings> parse_impairment_in(const std::filesystem::path& folder, std::string_view text);

// One option that stands in the way, with the reason.
struct RefusedOption {
  std::string key;  // empty: the text is none of options
  Invalid invalid;
};
// All that parse_impairment_in() refuses the text for; empty: it takes it. Options are held against each
// other only where each alone is right.
std::vector<RefusedOption> refused_options_in(const std::filesystem::path& folder, std::string_view text);
// The same for parse_impairment().
std::vector<RefusedOption> refused_options(std::string_view text, const ReadFile& read);

// Reads files whose names are relative to `folder`.
ReadFile read_from(std::filesystem::path folder);
// Makes the names of files absolute that were read so.
void name_files_in(const std::filesystem::path& folder, impair::Settings& settings);
// Every key, in the order in which they are printed.
const std::vector<std::string>& impairment_keys();

}  // namespace sennit::config
