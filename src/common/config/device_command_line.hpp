// `sennit device` and `sennit profile`: their part of the command line.
#pragma once

#include "config/argument_parser.hpp"
#include "config/command_line.hpp"

namespace sennit::config {

// What stands behind `sennit device`; throws UsageError with one sentence.
Command parse_device_command(Arguments arguments);
// What stands behind `sennit capture`.
Command parse_capture_command(Arguments arguments);
// What stands behind `sennit profile`.
Command parse_profile_command(Arguments arguments);

}  // namespace sennit::config
