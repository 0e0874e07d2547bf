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

// The packets of a device are those from and to its addresses.
std::vector<base::Prefix> addresses_of(const config::PolicyOptions& policy,
                                       const config::EndpointOptions& options) {
  auto addresses = policy.addresses;
  for (const auto& device : options.devices) {
    if (std::ranges::find(policy.devices, device.display_name()) == policy.devices.end()) continue;
    addresses.insert(addresses.end(), device.matches.begin(), device.matches.end());
  }
  return addresses;
}

tunnel::PolicyConfig policy_settings(const config::PolicyOptions& policy,
                                     const config::EndpointOptions& options) {
  tunnel::PolicyConfig settings;
  settings.match.dscps = policy.dscps;
  settings.match.protocols = policy.protocols;
  for (const auto& ports : policy.ports) settings.match.ports.push_back({ports.first, ports.last});
  settings.match.addresses = addresses_of(policy, options);
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

}  // namespace

tunnel::EndpointConfig endpoint_settings(const config::EndpointOptions& options, tunnel::Role role) {
  std::optional<wire::InnerMtu> fixed_mtu;
  if (const auto& mtu = options.tunnel.mtu)
    fixed_mtu = wire::InnerMtu{static_cast<std::uint16_t>(mtu->value)};
  std::vector<tunnel::PolicyConfig> policies;
  for (const auto& policy : options.policies) policies.push_back(policy_settings(policy, options));
  return {.role = role,
          .private_key = config::read_private_key(options.private_key_file),
          .mode = mode_of(options.tunnel.mode),
          .fixed_mtu = fixed_mtu,
          .addresses = options.tunnel.addresses,
          .networks = {},
          .peers = {},
          .links = {},
          .policies = std::move(policies),
          .seed = random_seed(),
          .last_timestamp = 0,
          .software = software()};
}

std::string software() {
  return "sennit " SENNIT_VERSION;
}

}  // namespace sennit::shell
