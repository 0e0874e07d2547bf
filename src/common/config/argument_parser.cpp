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
  const auto options_end = std::ranges::find(arguments, "--");
  const auto behind = options_end + (options_end == arguments.end() ? 0 : 1);
  parse_options({arguments.begin(), options_end});
  auto found = operands();
  found.insert(found.end(), behind, arguments.end());
  if (found.size() > most) throw UsageError("'" + found[most] + "' is one argument too many; " + see_help());
  return found;
}

void Parser::parse_options(Arguments arguments) {
  auto reversed = with_empty_values(arguments);
  std::ranges::reverse(reversed);
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
}

std::vector<std::string> Parser::with_empty_values(Arguments arguments) const {
  std::vector<std::string> words;
  for (const auto& argument : arguments) {
    words.push_back(argument);
    if (!argument.starts_with("--") || !argument.ends_with('=')) continue;
    const auto name = argument.substr(0, argument.size() - 1);
    const auto* option = app_.get_option_no_throw(name);
    if (option == nullptr || option->get_items_expected_max() == 0) continue;
    words.back() = name;
    words.emplace_back();
  }
  return words;
}

std::vector<std::string> Parser::operands() const {
  auto rest = app_.remaining();
  const auto unknown =
      std::ranges::find_if(rest, [](const auto& text) { return text.size() > 1 && text[0] == '-'; });
  if (unknown != rest.end()) refuse_option(*unknown);
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
