// `sennit capture`: both ends of it at the control socket. The endpoint keeps copies of a device's packets,
// the command fetches them every so often and writes them as pcapng. What nobody fetches for a while ends.
#pragma once

#include "api/control_server.hpp"
#include "config/command_line.hpp"
#include "shell/devices.hpp"

namespace sennit::shell {

// Answers `capture-start`, `capture-read` and `capture-stop`. `devices` outlives the server.
void serve_capture_commands(api::ControlServer& control, Devices& devices);

// Writes the file until a signal ends it, and returns the exit status.
int run_command(const config::CaptureCommand& command);

}  // namespace sennit::shell
