// Named impairments of both directions: the stock profiles, built into the program from conf/profiles.toml,
// and those of a user's [profile.NAME] tables. A value that changes nothing; the shell sets chains by it.
// Invariant: a name is in a catalogue once; a user's own profile stands in place of a stock one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/impair_options.hpp"
#include "config/problem.hpp"
#include "impair/settings.hpp"

namespace sennit::config {

struct Profile {
  std::string name;
  impair::Settings down = {};  // towards the device
  impair::Settings up = {};    // from it
  std::string source = {};     // where the numbers come from
};

// The profiles of a TOML text with [profile.NAME] tables of `down`, `up` and `source`, where a direction is a
// string or a table of keys. What is wrong goes to `problems`, and that profile is left out.
std::vector<Profile> read_profiles(std::string_view text, std::string_view file_name, const ReadFile& read,
                                   Problems& problems);

// The profiles built into the program, by name.
std::span<const Profile> stock_profiles();

// The profile of this name among them; a name may leave out its first part where one profile alone has the
// rest, as in `3g-average` for `atc-3g-average`.
Parsed<Profile> find_profile(std::string_view name, std::span<const Profile> profiles);

}  // namespace sennit::config
