#include "shell/endpoint_settings.hpp"

#include <array>

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
  return {.role = role,
          .private_key = config::read_private_key(options.private_key_file),
          .mode = mode_of(options.tunnel.mode),
          .fixed_mtu = fixed_mtu,
          .addresses = options.tunnel.addresses,
          .networks = {},
          .peers = {},
          .links = {},
          .seed = random_seed(),
          .last_timestamp = 0,
          .software = software()};
}

std::string software() {
  return "sennit " SENNIT_VERSION;
}

}  // namespace sennit::shell
