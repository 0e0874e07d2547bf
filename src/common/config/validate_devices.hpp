// Whether the devices of an endpoint are complete and do not stand in each other's way; a part of validate().
#pragma once

#include "config/options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

// Adds every problem of the devices. Reads the files that their impairment names.
void validate_devices(const EndpointOptions& options, Problems& problems);
// Adds each device that is known by MAC address, for an endpoint whose devices are beyond the tunnel.
void refuse_mac_addresses(const EndpointOptions& options, Problems& problems);

}  // namespace sennit::config
