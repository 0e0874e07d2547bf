// Whether an endpoint's policies say something, and name links and devices that there are; a part of
// validate().
#pragma once

#include <optional>
#include <span>
#include <string>

#include "config/options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

// Adds every problem of the policies. `links`: the names that there are; none: not known here.
void validate_policies(const EndpointOptions& endpoint, const std::optional<std::vector<std::string>>& links,
                       Problems& problems);

}  // namespace sennit::config
