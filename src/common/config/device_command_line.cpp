#include "config/device_command_line.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "config/values.hpp"

namespace sennit::config {

namespace {

using base::UsageError;

constexpr base::Duration kLongestFor = std::chrono::hours(24 * 3650);

// Options that belong to some of the verbs only.
struct DeviceArguments {
  std::string verb;
  std::vector<std::string> operands;
  const CLI::Option* json = nullptr;
  const CLI::Option* all = nullptr;
  const CLI::Option* profile = nullptr;
  const CLI::Option* down = nullptr;
  const CLI::Option* up = nullptr;
  const CLI::Option* duration = nullptr;
  const CLI::Option* backend = nullptr;
  std::filesystem::path control;
};

struct DeviceVerb {
  std::string_view name;
  std::vector<std::string_view> options;  // besides --control
  std::size_t least;
  std::size_t most;
  std::string_view operand;
  Command (*parse)(const DeviceArguments&);
};

std::string device_of(const DeviceArguments& given) {
  const auto& device = given.operands.front();
  if (device.empty())
    throw UsageError("device " + given.verb + ": DEVICE is empty; name one, or give its address");
  return device;
}

std::optional<impair::Settings> direction_of(const CLI::Option& option) {
  if (option.empty()) return std::nullopt;
  const auto settings = parse_impairment_in(std::filesystem::current_path(), option.results().back());
  if (!settings) throw UsageError(option.get_name() + ": " + to_string(settings.invalid()));
  return *settings;
}

std::optional<base::Duration> duration_of(const CLI::Option& option) {
  if (option.empty()) return std::nullopt;
  const auto& text = option.results().back();
  const auto duration = parse_duration(text);
  if (!duration) throw UsageError("--for: " + to_string(duration.invalid()));
  if (*duration <= base::Duration{} || *duration > kLongestFor)
    throw UsageError("--for: '" + text + "' is out of range; allowed: more than 0s, up to 3650d");
  return *duration;
}

std::optional<Shaping> backend_of(const CLI::Option& option) {
  if (option.empty()) return std::nullopt;
  const auto backend = parse_shaping(option.results().back());
  if (!backend) throw UsageError("--backend: " + to_string(backend.invalid()));
  return *backend;
}

CapturePoint point_of(const CLI::Option& option) {
  if (option.empty()) return CapturePoint::kBoth;
  const auto& text = option.results().back();
  if (text == "before") return CapturePoint::kBefore;
  if (text == "after") return CapturePoint::kAfter;
  throw UsageError("--point: '" + text + "' is not a point; allowed: before or after");
}

Command parse_list(const DeviceArguments& given) {
  return DeviceListCommand{!given.json->empty(), given.control};
}

Command parse_show(const DeviceArguments& given) {
  return DeviceShowCommand{device_of(given), !given.json->empty(), given.control};
}

Command parse_set(const DeviceArguments& given) {
  DeviceSetCommand command{device_of(given), {}, duration_of(*given.duration), given.control};
  const bool has_directions = !given.down->empty() || !given.up->empty();
  if (given.profile->empty() && !has_directions && given.backend->empty())
    throw UsageError(
        "device set: nothing is given to set; allowed: --profile NAME, --backend tunnel or tc, or --down and "
        "--up with options");
  if (!given.profile->empty() && has_directions)
    throw UsageError("device set: --profile sets both directions; give it, or --down and --up");
  if (!given.profile->empty()) command.change.profile = given.profile->results().back();
  if (!given.profile->empty() && command.change.profile.empty())
    throw UsageError("--profile: the name is empty; `sennit profile list` shows the names");
  command.change.down = direction_of(*given.down);
  command.change.up = direction_of(*given.up);
  command.change.backend = backend_of(*given.backend);
  return command;
}

Command parse_clear(const DeviceArguments& given) {
  if (given.all->empty() == given.operands.empty())
    throw UsageError("device clear: allowed: DEVICE or --all, one of them");
  if (!given.all->empty()) return DeviceClearCommand{std::nullopt, given.control};
  return DeviceClearCommand{device_of(given), given.control};
}

Command parse_play(const DeviceArguments& given) {
  return DevicePlayCommand{load_timeline(given.operands.front()), given.control};
}

Command parse_stop(const DeviceArguments& given) {
  return DeviceStopCommand{given.control};
}

const std::vector<DeviceVerb>& device_verbs() {
  static const std::vector<DeviceVerb> verbs{
      {"list", {"--json"}, 0, 0, "", parse_list},
      {"show", {"--json"}, 1, 1, "DEVICE", parse_show},
      {"set", {"--profile", "--down", "--up", "--for", "--backend"}, 1, 1, "DEVICE", parse_set},
      {"clear", {"--all"}, 0, 1, "DEVICE", parse_clear},
      {"play", {}, 1, 1, "FILE", parse_play},
      {"stop", {}, 0, 0, "", parse_stop}};
  return verbs;
}

void refuse_foreign_options(const DeviceVerb& verb, std::span<const CLI::Option* const> options) {
  for (const auto* option : options) {
    const auto name = option->get_name();
    if (option->empty() || std::ranges::find(verb.options, name) != verb.options.end()) continue;
    throw UsageError("device " + std::string(verb.name) + ": " + name +
                     " is not an option of it; `sennit device --help` shows what is allowed");
  }
}

void check_operands(const DeviceVerb& verb, std::span<const std::string> operands) {
  const auto name = "device " + std::string(verb.name);
  if (operands.size() < verb.least)
    throw UsageError(name + ": " + std::string(verb.operand) +
                     " is missing; `sennit device --help` shows what is allowed");
  if (operands.size() > verb.most)
    throw UsageError(name + ": '" + operands[verb.most] + "' is one argument too many");
}

}  // namespace

Command parse_device_command(Arguments arguments) {
  constexpr std::string_view kVerbs = "list, show, set, clear, play or stop";
  constexpr std::size_t kMostOperands = 16;
  Parser parser("device");
  DeviceArguments given;
  given.json = parser.flag("--json");
  given.all = parser.flag("--all");
  given.profile = parser.option("--profile");
  given.down = parser.option("--down");
  given.up = parser.option("--up");
  given.duration = parser.option("--for");
  given.backend = parser.option("--backend");
  const auto* control = parser.option("--control");
  given.operands = parser.parse(arguments, kMostOperands);
  given.control = control_of(*control);
  if (given.operands.empty())
    throw UsageError("device: the verb is missing; allowed: " + std::string(kVerbs));
  given.verb = given.operands.front();
  given.operands.erase(given.operands.begin());
  const auto verb = std::ranges::find(device_verbs(), given.verb, &DeviceVerb::name);
  if (verb == device_verbs().end())
    throw UsageError("device: '" + given.verb + "' is not a verb; allowed: " + std::string(kVerbs));
  refuse_foreign_options(*verb, std::array{given.json, given.all, given.profile, given.down, given.up,
                                           given.duration, given.backend});
  check_operands(*verb, given.operands);
  return verb->parse(given);
}

Command parse_capture_command(Arguments arguments) {
  Parser parser("capture");
  const auto* file = parser.option("-w");
  const auto* point = parser.option("--point");
  const auto* control = parser.option("--control");
  const auto words = parser.parse(arguments, 1);
  if (words.empty() || words.front().empty())
    throw UsageError("capture: DEVICE is missing; `sennit device list` shows the devices");
  const auto path = path_of(*file);
  if (!path) throw UsageError("capture: -w FILE is missing; `-w -` writes to standard output");
  return CaptureCommand{words.front(), *path, point_of(*point), control_of(*control)};
}

Command parse_profile_command(Arguments arguments) {
  Parser parser("profile");
  const auto* json = parser.flag("--json");
  const auto* control = parser.option("--control");
  const auto words = parser.parse(arguments, 2);
  if (words.empty()) throw UsageError("profile: the verb is missing; allowed: list or show NAME");
  if (words.front() == "list") {
    if (words.size() > 1) throw UsageError("profile list: '" + words[1] + "' is one argument too many");
    return ProfileListCommand{!json->empty(), path_of(*control)};
  }
  if (words.front() != "show")
    throw UsageError("profile: '" + words.front() + "' is not a verb; allowed: list or show NAME");
  if (words.size() < 2)
    throw UsageError("profile show: NAME is missing; `sennit profile list` shows the names");
  return ProfileShowCommand{words[1], !json->empty(), path_of(*control)};
}

}  // namespace sennit::config
