// The texts of `sennit --help` and `sennit COMMAND --help`: complete, at most 40 lines of 100 columns.
// Options of gateway and client come from the tables in setting.hpp.
#pragma once

#include <string>
#include <string_view>

namespace sennit::config {

// The commands and what each is for.
std::string program_help();

// Usage and options of one command, which must be a known one.
std::string command_help(std::string_view command);

}  // namespace sennit::config
