#include "config/argument_parser.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "config/nearest.hpp"
#include "config/options.hpp"

namespace sennit::config {

using base::UsageError;

Parser::Parser(std::string command) : command_(std::move(command)), app_({}, command_) {
  app_.allow_extras();
}

CLI::Option* Parser::option(const std::string& names) {
  return app_.add_option(names)->allow_extra_args(false)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll);
}

std::vector<std::string> Parser::parse(Arguments arguments, std::size_t most) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app_.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    throw HelpWanted{};
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    throw UsageError(text.substr(0, text.find(':')) + ": the value is missing; " + see_help());
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; " + see_help());
  }
  return operands(most);
}

std::vector<std::string> Parser::operands(std::size_t most) const {
  auto rest = app_.remaining();
  const auto unknown =
      std::ranges::find_if(rest, [](const auto& text) { return text.size() > 1 && text[0] == '-'; });
  if (unknown != rest.end()) refuse_option(*unknown);
  if (rest.size() > most) throw UsageError("'" + rest[most] + "' is one argument too many; " + see_help());
  return rest;
}

void Parser::refuse_option(const std::string& text) const {
  std::vector<std::string> known;
  for (const auto* each : app_.get_options()) {
    for (const auto& name : each->get_lnames()) known.push_back("--" + name);
  }
  const auto meant = nearest(text.substr(0, text.find('=')), known);
  throw UsageError("'" + text + "' is not an option of sennit " + command_ +
                   (meant.empty() ? "; " : "; did you mean " + meant + "? ") + see_help());
}

std::optional<std::filesystem::path> path_of(const CLI::Option& option) {
  if (option.empty()) return std::nullopt;
  if (option.results().back().empty())
    throw UsageError(option.get_name() + ": the path is empty; allowed: the path of a file");
  return option.results().back();
}

std::filesystem::path control_of(const CLI::Option& option) {
  return path_of(option).value_or(kDefaultControl);
}

}  // namespace sennit::config
