// The program: understands the command line, runs one subcommand, turns a refusal into one sentence and an
// exit status. 0 done; 1 failed while running; 2 wrong usage or configuration; 3 no endpoint answers at the
// control socket.
#include <iostream>
#include <sstream>
#include <string>
#include <variant>

#include "base/error.hpp"
#include "client/client.hpp"
#include "config/command_line.hpp"
#include "crypto/keys.hpp"
#include "server/gateway.hpp"
#include "server/router.hpp"
#include "server/shaping_doctor.hpp"
#include "shell/capture_command.hpp"
#include "shell/commands.hpp"
#include "shell/device_commands.hpp"
#include "shell/doctor.hpp"
#include "shell/filter_commands.hpp"
#include "shell/log.hpp"

namespace sennit {

namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr int kNoEndpoint = 3;

using shell::run_command;

int run_command(const config::GatewayCommand& command) {
  shell::set_up_log(command.options.endpoint.log_level);
  server::Gateway(command.options).run();
  return kDone;
}

int run_command(const config::ClientCommand& command) {
  shell::set_up_log(command.options.endpoint.log_level);
  client::Client(command.options).run();
  return kDone;
}

int run_command(const config::ShaperCommand& command) {
  shell::set_up_log(command.options.endpoint.log_level);
  server::Router(command.options).run();
  return kDone;
}

int run_command(const config::DoctorCommand& command) {
  return shell::run_command(command, server::examine_shaping());
}

int refuse(const std::exception& error, int status) {
  std::istringstream lines(error.what());
  for (std::string line; std::getline(lines, line);) std::cerr << "sennit: " << line << "\n";
  return status;
}

int run(int argc, const char* const* argv) {
  try {
    crypto::initialise();
    return std::visit([](const auto& command) { return run_command(command); }, config::parse(argc, argv));
  } catch (const base::UsageError& error) {
    return refuse(error, kWrongUsage);
  } catch (const base::NoEndpointError& error) {
    return refuse(error, kNoEndpoint);
  } catch (const std::exception& error) {
    return refuse(error, kFailed);
  }
}

}  // namespace

}  // namespace sennit

int main(int argc, char** argv) {
  return sennit::run(argc, argv);
}
