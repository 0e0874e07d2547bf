#include "config/filter_command_line.hpp"

#include <filesystem>
#include <limits>

#include "base/error.hpp"
#include "config/values.hpp"

namespace sennit::config {

namespace {

using base::UsageError;

FilterAddCommand parse_add(std::span<const std::string> words, const std::filesystem::path& control) {
  if (words.empty())
    throw UsageError("filter add: nothing is given; `sennit filter --help` shows what is allowed");
  const auto filter = parse_filter(words, std::filesystem::current_path());
  if (!filter) throw UsageError("filter add: " + to_string(filter.invalid()));
  return {*filter, control};
}

FilterDeleteCommand parse_delete(std::span<const std::string> words, const std::filesystem::path& control) {
  if (words.size() != 1)
    throw UsageError("filter delete: allowed: one NUMBER; `sennit filter list` shows them");
  const auto number =
      parse_count(words.front(), "the number of a filter", 1, std::numeric_limits<std::uint32_t>::max());
  if (!number) throw UsageError("filter delete: " + to_string(number.invalid()));
  return {static_cast<std::uint32_t>(*number), control};
}

}  // namespace

Command parse_filter_command(Arguments arguments) {
  constexpr const char* kVerbs = "list, add, delete or clear";
  constexpr std::size_t kMostOperands = 16;
  Parser parser("filter");
  const auto* json = parser.flag("--json");
  const auto* control = parser.option("--control");
  const auto words = parser.parse(arguments, kMostOperands);
  if (words.empty()) throw UsageError(std::string("filter: the verb is missing; allowed: ") + kVerbs);
  const auto& verb = words.front();
  const auto rest = std::span(words).subspan(1);
  const bool takes_words = verb == "add" || verb == "delete";
  if (!takes_words && verb != "list" && verb != "clear")
    throw UsageError("filter: '" + verb + "' is not a verb; allowed: " + kVerbs);
  if (!json->empty() && verb != "list")
    throw UsageError("filter " + verb + ": --json is not an option of it; allowed with filter list");
  if (!takes_words && !rest.empty())
    throw UsageError("filter " + verb + ": '" + rest.front() + "' is one argument too many");
  if (verb == "add") return parse_add(rest, control_of(*control));
  if (verb == "delete") return parse_delete(rest, control_of(*control));
  if (verb == "clear") return FilterClearCommand{control_of(*control)};
  return FilterListCommand{!json->empty(), control_of(*control)};
}

}  // namespace sennit::config
