// The command line of `sennit filter`; the rest is command_line.hpp's.
#pragma once

#include "config/argument_parser.hpp"
#include "config/command_line.hpp"

namespace sennit::config {

// Arguments behind `filter`; throws UsageError with one sentence.
Command parse_filter_command(Arguments arguments);

}  // namespace sennit::config
