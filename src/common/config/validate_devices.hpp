// Whether the devices of an endpoint are complete and do not stand in each other's way; a part of validate().
#pragma once

#include <string_view>
#include <vector>

#include "config/options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

// The back ends of an endpoint.
struct KnownBackends {
  std::string_view where;      // as in "on a client"
  std::vector<Shaping> known;  // the endpoint's own first
};

// Adds every problem of the devices. Reads the files that their impairment names.
void validate_devices(const EndpointOptions& options, Problems& problems);
// Adds each device that is known by MAC address, for an endpoint whose devices are beyond the tunnel.
void refuse_mac_addresses(const EndpointOptions& options, Problems& problems);
// Adds each device that is left to a back end that is not there, or cannot do what is asked for.
void validate_backends(const EndpointOptions& options, const KnownBackends& backends, Problems& problems);
// Adds each device whose packets belong to peers of several workers. Peers whose addresses are not configured
// are not known here.
void validate_workers(const GatewayOptions& options, Problems& problems);

}  // namespace sennit::config
