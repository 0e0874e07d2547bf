// The subcommands that run no endpoint: keys, checking, and questions to an endpoint that runs.
// Called by main(); each returns the exit status or throws base::Error. They print to standard output.
#pragma once

#include "config/command_line.hpp"

namespace sennit::shell {

// A new private key, to standard output or into a new file.
int run_command(const config::KeygenCommand& command);
// The public key of a private one.
int run_command(const config::PubkeyCommand& command);
// Every problem of a configuration file, and notes on it, to standard error; 2 when there is a problem.
int run_command(const config::CheckCommand& command);
// What a running endpoint says of itself, once or again and again.
int run_command(const config::StatusCommand& command);
// The links of a running client, and changes to them.
int run_command(const config::LinkListCommand& command);
int run_command(const config::LinkSetCommand& command);
int run_command(const config::LinkUpCommand& command);
int run_command(const config::LinkDownCommand& command);
// The text that the command line asked for.
int run_command(const config::ExitCommand& command);

}  // namespace sennit::shell
