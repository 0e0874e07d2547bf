#include "config/validate_devices.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "config/impair_text.hpp"
#include "impair/tc_refusal.hpp"

namespace sennit::config {

namespace {

void check_direction(const DeviceOptions& device, std::string_view key,
                     const std::optional<std::string>& text, Problems& problems) {
  if (!text) return;
  for (const auto& [option, invalid] : refused_options_in(device.folder, *text))
    problems.add(device.origins.of_option(key, option), to_string(invalid));
}

void check_impairment(const DeviceOptions& device, const std::vector<Profile>& profiles, Problems& problems) {
  if (!device.profile.empty() && (device.down || device.up)) {
    problems.add(device.origins.of("profile"),
                 "stands beside down or up; give the profile or the directions");
    return;
  }
  if (!device.profile.empty()) {
    const auto profile = find_profile(device.profile, profiles);
    if (!profile) problems.add(device.origins.of("profile"), to_string(profile.invalid()));
  }
  check_direction(device, "down", device.down, problems);
  check_direction(device, "up", device.up, problems);
}

std::string list(const std::vector<Shaping>& backends) {
  std::string text;
  for (const auto backend : backends) text += (text.empty() ? "" : " or ") + std::string(to_string(backend));
  return text;
}

// What is wrong with the settings is check_impairment()'s matter.
void check_tc(const DeviceOptions& device, const std::vector<Profile>& profiles, Problems& problems) {
  const auto change = change_of(device, profiles);
  if (!change) return;
  const auto check = [&](std::string_view key, const std::optional<impair::Settings>& settings) {
    if (!settings || to_keys(*settings).empty()) return;
    const auto refused = impair::tc_refusal(*settings);
    if (refused) problems.add(device.origins.of(device.profile.empty() ? key : "profile"), refused->why);
  };
  check("down", change->down);
  check("up", change->up);
}

bool overlap(const base::Prefix& one, const base::Prefix& other) {
  return one.contains(other.address()) || other.contains(one.address());
}

bool is_part_of(const PeerOptions& peer, const std::vector<base::DeviceMatch>& matches) {
  return std::ranges::any_of(matches, [&](const base::DeviceMatch& match) {
    const auto* prefix = std::get_if<base::Prefix>(&match);
    if (prefix == nullptr) return false;
    return std::ranges::any_of(peer.addresses, [&](const auto& own) { return prefix->contains(own); }) ||
           std::ranges::any_of(peer.networks, [&](const auto& own) { return overlap(own, *prefix); });
  });
}

}  // namespace

void validate_devices(const EndpointOptions& options, Problems& problems) {
  const auto profiles = all_profiles(options.profiles);
  std::map<std::string, const DeviceOptions*> names;
  std::map<base::DeviceMatch, const DeviceOptions*> matches;
  for (const auto& device : options.devices) {
    check_impairment(device, profiles, problems);
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
  }
}

void refuse_mac_addresses(const EndpointOptions& options, Problems& problems) {
  for (const auto& device : options.devices) {
    if (device.matches.empty() || !std::holds_alternative<base::MacAddress>(device.matches.front())) continue;
    problems.add(device.origins.of("match"), match_text(device.matches) + std::string(kNoMacHere));
  }
}

void validate_backends(const EndpointOptions& options, const KnownBackends& backends, Problems& problems) {
  const auto profiles = all_profiles(options.profiles);
  for (const auto& device : options.devices) {
    const auto backend = device.backend.value_or(backends.known.front());
    if (std::ranges::find(backends.known, backend) == backends.known.end()) {
      problems.add(device.origins.of("backend"), "'" + std::string(to_string(backend)) + "' does not run " +
                                                     std::string(backends.where) +
                                                     "; allowed: " + list(backends.known));
    } else if (backend == Shaping::kTc) {
      check_tc(device, profiles, problems);
    }
  }
}

// The peers are dealt to the workers in turn, as tunnel::Share has it.
void validate_workers(const GatewayOptions& options, Problems& problems) {
  const auto count = std::min<std::size_t>(options.workers, options.peers.size());
  if (count < 2) return;
  for (const auto& device : options.endpoint.devices) {
    if (device.backend.value_or(options.shaping) != Shaping::kTunnel) continue;
    std::set<std::size_t> workers;
    for (std::size_t peer = 0; peer < options.peers.size(); ++peer)
      if (is_part_of(options.peers[peer], device.matches)) workers.insert(peer % count);
    if (workers.size() > 1)
      problems.add(device.origins.of("match"),
                   match_text(device.matches) +
                       " has packets of peers of several workers, which cannot share one line; give each "
                       "peer's part a device of its own, or leave out workers");
  }
}

}  // namespace sennit::config
