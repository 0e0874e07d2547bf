#include "shell/endpoint_settings.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/key_file.hpp"
#include "crypto/keys.hpp"

namespace sennit::shell {

namespace {

outbound::Mode mode_of(config::Mode mode) {
  switch (mode) {
    case config::Mode::kAggregate: return outbound::Mode::kAggregate;
    case config::Mode::kFlow: return outbound::Mode::kFlow;
    case config::Mode::kRedundant: return outbound::Mode::kRedundant;
    case config::Mode::kFailover: return outbound::Mode::kFailover;
  }
  return outbound::Mode::kAggregate;
}

// The packets of a device are those from and to its addresses. Where no named device has one, the policy has
// one that is no packet's.
std::vector<base::Prefix> addresses_of(const config::PolicyOptions& policy,
                                       const config::EndpointOptions& options, const AddressesOf& of_device) {
  auto addresses = policy.match.addresses;
  for (const auto& device : options.devices) {
    if (std::ranges::find(policy.devices, device.display_name()) == policy.devices.end()) continue;
    const auto own = of_device(device.matches);
    addresses.insert(addresses.end(), own.begin(), own.end());
  }
  if (addresses.empty() && !policy.devices.empty()) addresses.emplace_back();
  return addresses;
}

tunnel::PolicyConfig policy_settings(const config::PolicyOptions& policy,
                                     const config::EndpointOptions& options, const AddressesOf& of_device) {
  tunnel::PolicyConfig settings;
  settings.match = match_of(policy.match);
  settings.match.addresses = addresses_of(policy, options, of_device);
  settings.mode = mode_of(policy.mode.value_or(options.tunnel.mode));
  settings.links = policy.links;
  return settings;
}

std::uint64_t random_seed() {
  std::array<std::uint8_t, 8> bytes{};
  crypto::random_bytes(bytes);
  std::uint64_t seed = 0;
  for (const auto byte : bytes) seed = seed << 8U | byte;
  return seed;
}

// What is known before the LAN was looked at.
std::vector<base::Prefix> fixed_addresses(const std::vector<base::DeviceMatch>& matches) {
  std::vector<base::Prefix> addresses;
  for (const auto& match : matches)
    if (const auto* prefix = std::get_if<base::Prefix>(&match)) addresses.push_back(*prefix);
  return addresses;
}

}  // namespace

std::vector<tunnel::PolicyConfig> policy_settings(const config::EndpointOptions& options,
                                                  const AddressesOf& of_device) {
  std::vector<tunnel::PolicyConfig> policies;
  for (const auto& policy : options.policies) policies.push_back(policy_settings(policy, options, of_device));
  return policies;
}

wire::Match match_of(const config::MatchOptions& options) {
  wire::Match match{options.dscps, options.protocols, {}, options.addresses};
  for (const auto& ports : options.ports) match.ports.push_back({ports.first, ports.last});
  return match;
}

tunnel::EndpointConfig endpoint_settings(const config::EndpointOptions& options, tunnel::Role role) {
  std::optional<wire::InnerMtu> fixed_mtu;
  if (const auto& mtu = options.tunnel.mtu)
    fixed_mtu = wire::InnerMtu{static_cast<std::uint16_t>(mtu->value)};
  return {.role = role,
          .private_key = config::read_private_key(options.private_key_file),
          .mode = mode_of(options.tunnel.mode),
          .fixed_mtu = fixed_mtu,
          .addresses = options.tunnel.addresses,
          .networks = {},
          .peers = {},
          .links = {},
          .policies = policy_settings(options, fixed_addresses),
          .seed = random_seed(),
          .last_timestamp = 0,
          .software = software()};
}

std::string software() {
  return "sennit " SENNIT_VERSION;
}

}  // namespace sennit::shell
