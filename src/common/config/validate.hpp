// Whether the settings of an endpoint are complete and fit each other, wherever they were written.
// Runs after file and command line have been merged. Reads nothing; check.hpp reads the key files.
// Decided here, with the reasons beside the rules: addresses of peers lie in the gateway's networks, networks
// may be anything but the default route; nested networks go to the longest prefix, equal ones are refused.
#pragma once

#include "config/options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

// Every problem of a gateway's options.
Problems validate(const GatewayOptions& options);

// Every problem of a shaper's options.
Problems validate(const ShaperOptions& options);

// Every problem of a client's options.
Problems validate(const ClientOptions& options);

}  // namespace sennit::config
