// What the endpoint of a gateway is told, from the options that the user gave and the addresses that were
// lent. Reads the key files; opens nothing else.
#pragma once

#include <vector>

#include "config/options.hpp"
#include "server/leases.hpp"
#include "tunnel/endpoint_config.hpp"

namespace sennit::server {

// Peer number i of the options has PeerId i. Peers without addresses are lent some; throws UsageError where
// there is none left, or where a key file holds no key.
tunnel::EndpointConfig gateway_settings(const config::GatewayOptions& options, Leases& leases);

// Everything inner that the options give to peers: it is not lent.
std::vector<base::Prefix> configured_prefixes(const config::GatewayOptions& options);

// What the TUN device shall take beyond the gateway's own networks, which its addresses bring along.
std::vector<base::Prefix> routes_to_peers(const tunnel::EndpointConfig& settings);

}  // namespace sennit::server
