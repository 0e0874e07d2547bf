// From the words of the configuration to those of the core, for what client and gateway have in common.
// Their own halves are client/client_settings.hpp and server/gateway_settings.hpp.
#pragma once

#include <functional>
#include <vector>

#include "config/options.hpp"
#include "tunnel/endpoint_config.hpp"
#include "wire/match.hpp"

namespace sennit::shell {

// Keys, mode, MTU and seed. Reads the private key file; throws UsageError where it holds none.
tunnel::EndpointConfig endpoint_settings(const config::EndpointOptions& options, tunnel::Role role);

// The addresses and networks that are a device's own now.
using AddressesOf = std::function<std::vector<base::Prefix>(const std::vector<base::DeviceMatch>&)>;

// The policies, those that name devices with the addresses that these have now.
std::vector<tunnel::PolicyConfig> policy_settings(const config::EndpointOptions& options,
                                                  const AddressesOf& of_device);

// What packets must be, in the core's words.
wire::Match match_of(const config::MatchOptions& options);

// "sennit VERSION", what is logged and told to the other end.
std::string software();

}  // namespace sennit::shell
