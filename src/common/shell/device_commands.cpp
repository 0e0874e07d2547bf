#include "shell/device_commands.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/control_client.hpp"
#include "api/device_table.hpp"
#include "base/error.hpp"
#include "config/impair_text.hpp"
#include "shell/device_status.hpp"
#include "shell/printing.hpp"

namespace sennit::shell {

namespace {

using Json = nlohmann::json;

constexpr int kDone = 0;

// Settings travel as text, and are read again at the other end.
Json encode(const config::DeviceChange& change) {
  Json json = Json::object();
  if (!change.profile.empty()) json["profile"] = change.profile;
  if (change.down) json["down"] = config::to_text(*change.down);
  if (change.up) json["up"] = config::to_text(*change.up);
  if (change.backend) json["backend"] = config::to_string(*change.backend);
  return json;
}

std::optional<impair::Settings> direction_at(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  const auto settings = config::parse_impairment(json.at(key).get<std::string>(), config::read_file);
  if (!settings) throw base::UsageError(std::string(key) + ": " + config::to_string(settings.invalid()));
  return *settings;
}

std::optional<config::Shaping> backend_in(const Json& json) {
  if (!json.contains("backend")) return std::nullopt;
  const auto backend = config::parse_shaping(json.at("backend").get<std::string>());
  if (!backend) throw base::UsageError("backend: " + config::to_string(backend.invalid()));
  return *backend;
}

config::DeviceChange decode_change(const Json& json) {
  return {json.value("profile", std::string()), direction_at(json, "down"), direction_at(json, "up"),
          backend_in(json)};
}

Json encode(const config::Timeline& timeline) {
  Json steps = Json::array();
  for (const auto& step : timeline.steps) {
    auto json = encode(step.change);
    json["at_ns"] = step.at.count();
    json["device"] = step.device;
    json["clear"] = step.kind == config::StepKind::kClear;
    steps.push_back(std::move(json));
  }
  Json json{{"steps", steps}};
  if (timeline.loop) json["loop_ns"] = timeline.loop->count();
  return json;
}

config::Timeline decode_timeline(const Json& json) {
  config::Timeline timeline;
  for (const auto& step : json.at("steps")) {
    const auto kind = step.at("clear").get<bool>() ? config::StepKind::kClear : config::StepKind::kChange;
    timeline.steps.push_back({base::Duration(step.at("at_ns").get<std::int64_t>()),
                              step.at("device").get<std::string>(), kind, decode_change(step)});
  }
  std::ranges::stable_sort(timeline.steps, {}, &config::TimelineStep::at);
  if (timeline.steps.empty()) throw base::UsageError("the timeline has no steps");
  if (!json.contains("loop_ns")) return timeline;
  timeline.loop = base::Duration(json.at("loop_ns").get<std::int64_t>());
  if (*timeline.loop <= timeline.steps.back().at)
    throw base::UsageError("the timeline begins again before its last step");
  return timeline;
}

std::string device_of(const Json& arguments) {
  return arguments.at("device").get<std::string>();
}

// The endpoint's profiles; the stock ones where nobody was named and nobody answers.
std::vector<api::ProfileStatus> profiles_of(const std::optional<std::filesystem::path>& control) {
  try {
    return api::profiles_from_json(
        api::request(control.value_or(config::kDefaultControl), "profile-list", Json::object()));
  } catch (const base::NoEndpointError&) {
    if (control) throw;
    return status_of(config::all_profiles({}));
  }
}

}  // namespace

void serve_device_commands(api::ControlServer& control, Devices& devices) {
  control.handle("device-list", [&](const Json&) { return api::to_json(devices.status()); });
  control.handle("device-show", [&](const Json& arguments) {
    return api::to_json(devices.status_of_one(device_of(arguments)));
  });
  control.handle("device-set", [&](const Json& arguments) {
    std::optional<base::Duration> duration;
    if (arguments.contains("for_ns")) duration = base::Duration(arguments.at("for_ns").get<std::int64_t>());
    devices.set(device_of(arguments), decode_change(arguments), duration);
    return Json::object();
  });
  control.handle("device-clear", [&](const Json& arguments) {
    if (arguments.contains("device")) {
      devices.clear(device_of(arguments));
    } else {
      devices.clear_all();
    }
    return Json::object();
  });
  control.handle("device-play", [&](const Json& arguments) {
    devices.play(decode_timeline(arguments));
    return Json::object();
  });
  control.handle("device-stop", [&](const Json&) {
    devices.stop();
    return Json::object();
  });
  control.handle("profile-list", [&](const Json&) { return api::to_json(devices.profiles()); });
}

int run_command(const config::DeviceListCommand& command) {
  const Json devices = api::request(command.control, "device-list", Json::object());
  print(command.json ? pretty(devices) : api::to_table(api::devices_from_json(devices)));
  return kDone;
}

int run_command(const config::DeviceShowCommand& command) {
  const Json device = api::request(command.control, "device-show", {{"device", command.device}});
  print(command.json ? pretty(device) : api::to_text(api::devices_from_json(Json::array({device})).front()));
  return kDone;
}

int run_command(const config::DeviceSetCommand& command) {
  auto arguments = encode(command.change);
  arguments["device"] = command.device;
  if (command.duration) arguments["for_ns"] = command.duration->count();
  api::request(command.control, "device-set", arguments);
  return kDone;
}

int run_command(const config::DeviceClearCommand& command) {
  Json arguments = Json::object();
  if (command.device) arguments["device"] = *command.device;
  api::request(command.control, "device-clear", arguments);
  return kDone;
}

int run_command(const config::DevicePlayCommand& command) {
  api::request(command.control, "device-play", encode(command.timeline));
  return kDone;
}

int run_command(const config::DeviceStopCommand& command) {
  api::request(command.control, "device-stop", Json::object());
  return kDone;
}

int run_command(const config::ProfileListCommand& command) {
  const auto profiles = profiles_of(command.control);
  print(command.json ? pretty(api::to_json(profiles)) : api::to_table(profiles));
  return kDone;
}

int run_command(const config::ProfileShowCommand& command) {
  const auto profiles = profiles_of(command.control);
  std::vector<config::Profile> names;
  names.reserve(profiles.size());
  for (const auto& profile : profiles) names.push_back({.name = profile.name});
  const auto found = config::find_profile(command.name, names);
  if (!found) throw base::UsageError("profile show: " + config::to_string(found.invalid()));
  const auto& profile = *std::ranges::find(profiles, found->name, &api::ProfileStatus::name);
  print(command.json ? pretty(api::to_json(profile)) : api::to_text(profile));
  return kDone;
}

}  // namespace sennit::shell
