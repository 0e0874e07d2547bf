// Theory of operation: the first argument names the command; the others go to a CLI11 parser made for that
// command alone, so that a file or link may be called like a command. Values stay text until a setting's own
// parser takes them.
#include "config/command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.hpp"
#include "config/argument_parser.hpp"
#include "config/device_command_line.hpp"
#include "config/filter_command_line.hpp"
#include "config/help.hpp"
#include "config/nearest.hpp"
#include "config/setting.hpp"
#include "config/toml_file.hpp"
#include "config/validate.hpp"

namespace sennit::config {

namespace {

using base::UsageError;

// Which command runs what a file configures.
std::string command_of(const Loaded& loaded) {
  if (std::holds_alternative<GatewayOptions>(loaded.options)) return "gateway";
  return std::holds_alternative<ClientOptions>(loaded.options) ? "client" : "shaper";
}

// What the file says, if it is one for this kind of endpoint.
template <class Options>
Options options_from(const std::optional<std::filesystem::path>& file, Problems& problems) {
  if (!file) return {};
  auto loaded = load_file(*file);
  problems.add_all(loaded.problems);
  if (auto* options = std::get_if<Options>(&loaded.options)) return std::move(*options);
  if (!std::holds_alternative<std::monostate>(loaded.options)) {
    const auto other = command_of(loaded);
    throw UsageError(file->string() + ": configures a " + other + "; run `sennit " + other + " -c " +
                     file->string() + "`");
  }
  throw_if_any(problems);
  return {};
}

// Of several peers, the one that is meant: "--peer home".
Origin named(Origin origin, const std::string& value) {
  const auto equals = value.find('=');
  if (origin.key == "--peer" && equals != std::string::npos && equals > 0)
    origin.key += " " + value.substr(0, equals);
  return origin;
}

// Lets the command line win: a repeatable option replaces the file's list, the last of the others counts.
template <class Options>
void apply(const Setting<Options>& setting, const CLI::Option& option, Options& options, Problems& problems) {
  if (option.empty()) return;
  const Origin origin{.file = {}, .line = 0, .key = std::string(setting.option)};
  if (setting.shape != Shape::kTables) options.endpoint.origins.set(setting.key, origin);
  const auto& values = option.results();
  const auto first = setting.clear ? values.begin() : values.end() - 1;
  if (setting.clear) setting.clear(options);
  for (auto value = first; value != values.end(); ++value) {
    const auto invalid = setting.store(options, *value);
    if (!invalid) continue;
    options.endpoint.origins.mark_refused(setting.key);
    problems.add(named(origin, *value), to_string(*invalid));
  }
}

template <class Options>
Options parse_endpoint(Arguments arguments, const std::string& command,
                       std::span<const Setting<Options>> settings) {
  Parser parser(command);
  const auto* config = parser.option("-c,--config");
  std::vector<std::pair<const Setting<Options>*, const CLI::Option*>> given;
  for (const auto& setting : settings) {
    if (setting.option.empty()) continue;
    const std::string name(setting.option);
    given.emplace_back(&setting, setting.shape == Shape::kFlag ? parser.flag(name) : parser.option(name));
  }
  parser.parse(arguments, 0);
  Problems problems;
  auto options = options_from<Options>(path_of(*config), problems);
  for (const auto& [setting, option] : given) apply(*setting, *option, options, problems);
  problems.add_all(validate(options));
  throw_if_any(problems);
  return options;
}

Command parse_gateway(Arguments arguments) {
  return GatewayCommand{parse_endpoint(arguments, "gateway", gateway_settings())};
}

Command parse_client(Arguments arguments) {
  return ClientCommand{parse_endpoint(arguments, "client", client_settings())};
}

Command parse_shaper(Arguments arguments) {
  return ShaperCommand{parse_endpoint(arguments, "shaper", shaper_settings())};
}

Command parse_keygen(Arguments arguments) {
  Parser parser("keygen");
  const auto* out = parser.option("-o,--out");
  parser.parse(arguments, 0);
  return KeygenCommand{path_of(*out)};
}

Command parse_pubkey(Arguments arguments) {
  Parser parser("pubkey");
  const auto files = parser.parse(arguments, 1);
  if (files.empty() || files.front() == "-") return PubkeyCommand{};
  return PubkeyCommand{files.front()};
}

Command parse_check(Arguments arguments) {
  Parser parser("check");
  const auto files = parser.parse(arguments, 1);
  if (files.empty())
    throw UsageError("FILE is missing; run `sennit check FILE` with the configuration to check");
  return CheckCommand{files.front()};
}

// `--watch` alone is every second.
std::optional<base::Duration> watch_of(const CLI::Option& option) {
  if (option.empty()) return std::nullopt;
  const auto& text = option.results().back();
  if (text == "true") return std::chrono::seconds(1);
  const auto duration =
      parse_duration(text.find_first_not_of("0123456789.") == std::string::npos ? text + "s" : text);
  if (!duration || *duration < std::chrono::milliseconds(100) || *duration > std::chrono::hours(1)) {
    throw UsageError("--watch: '" + text + "' is not an interval; allowed: 0.1 to 3600 seconds");
  }
  return *duration;
}

Command parse_status(Arguments arguments) {
  Parser parser("status");
  const auto* json = parser.flag("--json");
  const auto* watch = parser.flag("--watch");
  const auto* control = parser.option("--control");
  parser.parse(arguments, 0);
  return StatusCommand{!json->empty(), watch_of(*watch), control_of(*control)};
}

std::pair<std::string, std::string> parse_link_change(const std::string& text) {
  const auto equals = text.find('=');
  LinkOptions unused;
  const auto key = text.substr(0, equals);
  const auto value = equals == std::string::npos ? std::string{} : text.substr(equals + 1);
  if (const auto invalid = change_link(unused, key, value))
    throw UsageError("link set: " + to_string(*invalid));
  return {key, value};
}

Command parse_link_verb(const std::string& verb, const std::string& link, std::span<const std::string> rest,
                        const std::filesystem::path& control) {
  if (verb == "set") {
    LinkSetCommand command{link, {}, control};
    if (rest.empty()) throw UsageError("link set: no change is given; allowed: " + std::string(kLinkChanges));
    for (const auto& text : rest) command.changes.push_back(parse_link_change(text));
    return command;
  }
  if (!rest.empty())
    throw UsageError("link " + verb + ": '" + rest.front() + "' is one argument too many; name one link");
  if (verb == "up") return LinkUpCommand{link, control};
  return LinkDownCommand{link, control};
}

Command parse_link_command(Arguments arguments) {
  constexpr std::array<std::string_view, 4> kVerbs{"list", "set", "up", "down"};
  constexpr std::size_t kMostOperands = 16;
  Parser parser("link");
  const auto* json = parser.flag("--json");
  const auto* control = parser.option("--control");
  const auto words = parser.parse(arguments, kMostOperands);
  if (words.empty()) throw UsageError("link: the verb is missing; allowed: list, set, up or down");
  const auto& verb = words.front();
  if (std::ranges::find(kVerbs, verb) == kVerbs.end()) {
    throw UsageError("link: '" + verb + "' is not a verb; allowed: list, set, up or down");
  }
  const auto rest = std::span(words).subspan(1);
  if (verb == "list" && !rest.empty())
    throw UsageError("link list: '" + rest.front() + "' is one argument too many; " + parser.see_help());
  if (verb == "list") return LinkListCommand{!json->empty(), control_of(*control)};
  if (!json->empty())
    throw UsageError("link " + verb + ": --json is not an option of it; allowed with link list");
  if (rest.empty())
    throw UsageError("link " + verb + ": NAME is missing; `sennit link list` shows the names");
  return parse_link_verb(verb, rest.front(), rest.subspan(1), control_of(*control));
}

Command parse_doctor(Arguments arguments) {
  Parser parser("doctor");
  const auto* json = parser.flag("--json");
  parser.parse(arguments, 0);
  return DoctorCommand{!json->empty()};
}

struct KnownCommand {
  std::string_view name;
  Command (*parse)(Arguments);
};
constexpr std::array kCommands{KnownCommand{"keygen", parse_keygen},
                               KnownCommand{"pubkey", parse_pubkey},
                               KnownCommand{"gateway", parse_gateway},
                               KnownCommand{"client", parse_client},
                               KnownCommand{"shaper", parse_shaper},
                               KnownCommand{"check", parse_check},
                               KnownCommand{"status", parse_status},
                               KnownCommand{"link", parse_link_command},
                               KnownCommand{"device", parse_device_command},
                               KnownCommand{"profile", parse_profile_command},
                               KnownCommand{"capture", parse_capture_command},
                               KnownCommand{"filter", parse_filter_command},
                               KnownCommand{"doctor", parse_doctor}};

[[noreturn]] void refuse_command(const std::string& name) {
  std::vector<std::string> known;
  known.reserve(std::size(kCommands));
  for (const auto& command : kCommands) known.emplace_back(command.name);
  throw UsageError("'" + name + "' is not a command; " + suggestion(name, known));
}

}  // namespace

Command parse_command_line(std::span<const std::string> arguments) {
  if (arguments.empty()) throw UsageError("no command is given; `sennit --help` lists them");
  const auto& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") return ExitCommand{program_help(), 0};
  if (name == "--version" || name == "-V") return ExitCommand{"sennit " SENNIT_VERSION "\n", 0};
  const auto command = std::ranges::find(kCommands, name, &KnownCommand::name);
  if (command == kCommands.end()) refuse_command(name);
  try {
    return command->parse(arguments.subspan(1));
  } catch (const HelpWanted&) {
    return ExitCommand{command_help(name), 0};
  }
}

Command parse(int argc, const char* const* argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  return parse_command_line(arguments);
}

}  // namespace sennit::config
