#include "config/validate_devices.hpp"

#include <map>

namespace sennit::config {

namespace {

// The key that a refusal is about.
std::string_view key_of(const DeviceOptions& device, const std::vector<Profile>& profiles) {
  if (!device.profile.empty()) return "profile";
  auto without_up = device;
  without_up.up.reset();
  return change_of(without_up, profiles) ? "up" : "down";
}

void check_impairment(const DeviceOptions& device, const std::vector<Profile>& profiles, Problems& problems) {
  if (!device.profile.empty() && (device.down || device.up)) {
    problems.add(device.origins.of("profile"),
                 "stands beside down or up; give the profile or the directions");
    return;
  }
  const auto change = change_of(device, profiles);
  if (!change) problems.add(device.origins.of(key_of(device, profiles)), to_string(change.invalid()));
}

}  // namespace

void validate_devices(const EndpointOptions& options, Problems& problems) {
  const auto profiles = all_profiles(options.profiles);
  std::map<std::string, const DeviceOptions*> names;
  std::map<base::DeviceMatch, const DeviceOptions*> matches;
  for (const auto& device : options.devices) {
    if (device.matches.empty()) {
      if (!device.origins.was_refused("match"))
        problems.add(device.origins.of("match"),
                     "is missing; give an address, a network, a MAC address or default");
      continue;
    }
    if (!names.emplace(device.display_name(), &device).second)
      problems.add(device.origins.of("name"),
                   "'" + device.display_name() + "' names two devices; give each its own");
    if (!matches.emplace(device.matches.front(), &device).second)
      problems.add(device.origins.of("match"),
                   match_text(device.matches) + " belongs to another device already; give each its own");
    check_impairment(device, profiles, problems);
  }
}

void refuse_mac_addresses(const EndpointOptions& options, Problems& problems) {
  for (const auto& device : options.devices) {
    if (device.matches.empty() || !std::holds_alternative<base::MacAddress>(device.matches.front())) continue;
    problems.add(device.origins.of("match"), match_text(device.matches) + std::string(kNoMacHere));
  }
}

}  // namespace sennit::config
