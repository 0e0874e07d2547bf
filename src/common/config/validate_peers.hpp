// Whether a gateway's peers fit its own addresses and each other; a part of validate().
#pragma once

#include "config/options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

// Adds every problem of the peers.
void validate_peers(const GatewayOptions& options, Problems& problems);

}  // namespace sennit::config
