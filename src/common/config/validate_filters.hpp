// Whether the filters of an endpoint are complete and name devices that there are; a part of validate().
#pragma once

#include "config/options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

// Adds every problem of the filters; `backend` is where devices are impaired.
void validate_filters(const EndpointOptions& endpoint, Shaping backend, Problems& problems);

}  // namespace sennit::config
