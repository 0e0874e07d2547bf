// From the words of the configuration to those of the core, for what client and gateway have in common.
// Their own halves are client/client_settings.hpp and server/gateway_settings.hpp.
#pragma once

#include "config/options.hpp"
#include "tunnel/endpoint_config.hpp"

namespace sennit::shell {

// Keys, mode, MTU and seed. Reads the private key file; throws UsageError where it holds none.
tunnel::EndpointConfig endpoint_settings(const config::EndpointOptions& options, tunnel::Role role);

// "sennit VERSION", what is logged and told to the other end.
std::string software();

}  // namespace sennit::shell
