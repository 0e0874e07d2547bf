// What `sennit doctor` says of shaping by tc: the kinds that this kernel has, tried with packets.
// Changes nothing: everything is tried in a network namespace of its own.
#pragma once

#include <vector>

#include "shell/doctor.hpp"

namespace sennit::server {

std::vector<shell::Finding> examine_shaping();

}  // namespace sennit::server
