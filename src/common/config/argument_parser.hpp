// The parser of one command: options and operands out of the arguments behind the command's name.
// Stands between command_line (and its parts) and CLI11, whose refusals it turns into sentences of ours.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sennit::config {

using Arguments = std::span<const std::string>;

// Thrown past CLI11 when a command is asked for its help.
struct HelpWanted {};

class Parser {
 public:
  explicit Parser(std::string command);

  CLI::Option* flag(const std::string& names) { return app_.add_flag(names); }
  // Takes one value each time that it is given.
  CLI::Option* option(const std::string& names);

  // What stands between the options, and all behind `--`; throws UsageError for unknown options and more than
  // `most` of these.
  std::vector<std::string> parse(Arguments arguments, std::size_t most);

  std::string see_help() const { return "`sennit " + command_ + " --help` shows what is allowed"; }

 private:
  void parse_options(Arguments arguments);
  // `--down=` as two words: CLI11 would take the next argument for its value.
  std::vector<std::string> with_empty_values(Arguments arguments) const;
  std::vector<std::string> operands() const;
  [[noreturn]] void refuse_option(const std::string& text) const;

  std::string command_;
  CLI::App app_;
};

// The last value of an option that names a file; throws UsageError where it is empty.
std::optional<std::filesystem::path> path_of(const CLI::Option& option);
// The same of --control, with its default.
std::filesystem::path control_of(const CLI::Option& option);

}  // namespace sennit::config
