// Devices as users name them, and what they want done to their traffic: a [[device]] table, `device set`, a
// step of a timeline. Values and their parsers; what becomes of them is the shell's.
// Invariant: a match is never empty, and its first part is what a device is known by.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/device_match.hpp"
#include "config/parsed.hpp"
#include "config/problem.hpp"
#include "config/profiles.hpp"
#include "config/values.hpp"
#include "impair/settings.hpp"

namespace sennit::config {

// What is said of a MAC address at a gateway.
inline constexpr std::string_view kNoMacHere =
    " is a MAC address, and a gateway's devices are beyond the tunnel, where it sees none; name the device "
    "at the "
    "client, or by its address";

// A [[device]] table.
struct DeviceOptions {
  std::string name;  // empty: its match
  std::vector<base::DeviceMatch> matches;
  std::string profile;              // empty: none
  std::optional<std::string> down;  // impairment options; none: not impaired
  std::optional<std::string> up;
  std::optional<Shaping> backend;  // none: the endpoint's own
  std::filesystem::path folder;    // where the files that they name are
  Origins origins;

  // The name, or what stands for it.
  std::string display_name() const;
};

// What is to be changed of a device: a profile or single directions. A direction not named stays as it is.
struct DeviceChange {
  std::string profile;  // empty: none is named
  std::optional<impair::Settings> down;
  std::optional<impair::Settings> up;
  std::optional<Shaping> backend = {};  // none: it stays with the one that has it
};

// An address, a prefix without bits behind its length, a MAC address, or `default`: everybody, of both
// families.
Parsed<std::vector<base::DeviceMatch>> parse_match(std::string_view text);
// The same without MAC addresses.
Parsed<std::vector<base::Prefix>> parse_networks(std::string_view text);
// As parse_match() takes it.
std::string match_text(const std::vector<base::DeviceMatch>& matches);

// What the table asks for. A profile is looked for among `profiles`, and named as the table names it.
Parsed<DeviceChange> change_of(const DeviceOptions& device, const std::vector<Profile>& profiles);

// The stock profiles, and `own` beside them or in their place; by name.
std::vector<Profile> all_profiles(const std::vector<Profile>& own);

}  // namespace sennit::config
