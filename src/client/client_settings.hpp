// What the endpoint of a client is told, from the options that the user gave.
// Reads the key files; opens nothing else.
#pragma once

#include <cstdint>

#include "config/options.hpp"
#include "tunnel/endpoint_config.hpp"

namespace sennit::client {

// The only peer of a client.
inline constexpr base::PeerId kGateway{0};

// Throws UsageError where a key file holds no key.
tunnel::EndpointConfig client_settings(const config::ClientOptions& options);

// Link number `index` of the options.
tunnel::LinkConfig link_settings(const config::LinkOptions& link, std::size_t index);

}  // namespace sennit::client
