#include "server/gateway_settings.hpp"

#include <algorithm>
#include <iterator>

#include "base/error.hpp"
#include "config/key_file.hpp"
#include "shell/endpoint_settings.hpp"

namespace sennit::server {

namespace {

using base::Prefix;

// The peer's address with the length of the gateway's network that it lies in; alone where it lies in none.
Prefix within_network(const base::IpAddress& address, const std::vector<Prefix>& own) {
  const auto found =
      std::ranges::find_if(own, [&](const Prefix& prefix) { return prefix.contains(address); });
  return {address, found == own.end() ? address.width() : found->length()};
}

std::vector<Prefix> addresses_of(const config::PeerOptions& peer, const std::vector<Prefix>& own,
                                 Leases& leases) {
  std::vector<Prefix> addresses;
  for (const auto& address : peer.addresses) addresses.push_back(within_network(address, own));
  if (addresses.empty()) addresses = leases.lend(peer.public_key);
  if (!addresses.empty()) return addresses;
  throw base::UsageError(
      "peer " + peer.name +
      ": no address of the tunnel's network is left to assign; choose a larger one with --address");
}

tunnel::PeerConfig peer_settings(const config::PeerOptions& peer, const std::vector<Prefix>& own,
                                 Leases& leases) {
  tunnel::PeerConfig settings;
  settings.name = peer.name;
  settings.public_key = peer.public_key;
  if (!peer.preshared_key_file.empty())
    settings.preshared_key = config::read_preshared_key(peer.preshared_key_file);
  settings.addresses = addresses_of(peer, own, leases);
  for (const Prefix& address : settings.addresses) {
    settings.allowed.emplace_back(address.address(), address.address().width());
  }
  settings.allowed.insert(settings.allowed.end(), peer.networks.begin(), peer.networks.end());
  return settings;
}

}  // namespace

tunnel::EndpointConfig gateway_settings(const config::GatewayOptions& options, Leases& leases) {
  auto settings = shell::endpoint_settings(options.endpoint, tunnel::Role::kGateway);
  for (const auto& peer : options.peers) {
    settings.peers.push_back(peer_settings(peer, settings.addresses, leases));
  }
  // More than there are peers would have nothing to do.
  const auto most = static_cast<std::uint32_t>(std::max<std::size_t>(1, settings.peers.size()));
  settings.share.count = std::clamp(options.workers, 1U, most);
  return settings;
}

std::vector<Prefix> configured_prefixes(const config::GatewayOptions& options) {
  std::vector<Prefix> prefixes;
  for (const auto& peer : options.peers) {
    for (const auto& address : peer.addresses) prefixes.emplace_back(address, address.width());
    prefixes.insert(prefixes.end(), peer.networks.begin(), peer.networks.end());
  }
  return prefixes;
}

std::vector<Prefix> routes_to_peers(const tunnel::EndpointConfig& settings) {
  const auto lies_in_own = [&](const Prefix& allowed) {
    return allowed.is_host() && std::ranges::any_of(settings.addresses, [&](const Prefix& own) {
             return own.contains(allowed.address());
           });
  };
  std::vector<Prefix> routes;
  for (const auto& peer : settings.peers) {
    std::ranges::remove_copy_if(peer.allowed, std::back_inserter(routes), lies_in_own);
  }
  return routes;
}

}  // namespace sennit::server
