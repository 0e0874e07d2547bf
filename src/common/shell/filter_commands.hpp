// `sennit filter`: its requests at the control socket, both ends of it.
// Between api, which speaks JSON, and Filters, which does what is asked.
#pragma once

#include "api/control_server.hpp"
#include "config/command_line.hpp"
#include "shell/devices.hpp"

namespace sennit::shell {

// Answers `filter-list`, `filter-add`, `filter-delete` and `filter-clear`. `devices` outlives the server.
void serve_filter_commands(api::ControlServer& control, Devices& devices);

// Ask a running endpoint, print what it says, and return the exit status.
int run_command(const config::FilterListCommand& command);
int run_command(const config::FilterAddCommand& command);
int run_command(const config::FilterDeleteCommand& command);
int run_command(const config::FilterClearCommand& command);

}  // namespace sennit::shell
