// `sennit device` and `sennit profile`: their requests at the control socket, both ends of it.
// Between api, which speaks JSON, and Devices, which does what is asked.
#pragma once

#include "api/control_server.hpp"
#include "config/command_line.hpp"
#include "shell/devices.hpp"

namespace sennit::shell {

// Answers `device-list`, `device-show`, `device-set`, `device-clear`, `device-play`, `device-stop` and
// `profile-list`. `devices` outlives the server.
void serve_device_commands(api::ControlServer& control, Devices& devices);

// Ask a running endpoint, print what it says, and return the exit status.
int run_command(const config::DeviceListCommand& command);
int run_command(const config::DeviceShowCommand& command);
int run_command(const config::DeviceSetCommand& command);
int run_command(const config::DeviceClearCommand& command);
int run_command(const config::DevicePlayCommand& command);
int run_command(const config::DeviceStopCommand& command);
int run_command(const config::ProfileListCommand& command);
int run_command(const config::ProfileShowCommand& command);

}  // namespace sennit::shell
