#include "config/timeline.hpp"

#include <algorithm>
#include <array>

#include "config/nearest.hpp"
#include "config/toml_text.hpp"
#include "config/values.hpp"

namespace sennit::config {

namespace {

// An hour-long scenario that loops is long; a day is out of reach of any test.
constexpr base::Duration kLongest = std::chrono::hours(24);
constexpr std::size_t kMostSteps = 1000;

class TimelineReader {
 public:
  TimelineReader(std::string_view file_name, Problems& problems)
      : file_name_(file_name), folder_(std::filesystem::path(file_name).parent_path()), problems_(problems) {}

  Timeline read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      if (key == "loop") {
        read_loop(node);
      } else if (key == "step" && node.is_array_of_tables()) {
        for (const auto& step : *node.as_array()) read_step(*step.as_table());
      } else {
        add(node, std::string(key.str()), "is not known; allowed: loop = \"DURATION\" and [[step]] tables");
      }
    }
    std::ranges::stable_sort(timeline_.steps, {}, &TimelineStep::at);
    check(root);
    return std::move(timeline_);
  }

 private:
  void read_loop(const toml::node& node) {
    const auto time = duration(node);
    if (!time || *time < std::chrono::milliseconds(100))
      return add(node, "loop", "is not a duration; allowed: 100ms to 24h");
    timeline_.loop = *time;
  }

  void read_step(const toml::table& table) {
    TimelineStep step;
    unsigned actions = 0;
    for (const auto& [key, node] : table) read_key(step, key.str(), node, actions);
    if (!table.contains("at")) add(table, "step.at", "is missing; give the time of the step, as in \"10s\"");
    if (step.device.empty())
      add(table, "step.device", "is missing; name a device, an address, a network or a MAC address");
    const bool has_profile = table.contains("profile");
    if (actions == 0)
      add(table, "step", "does nothing; give profile, down, up or clear = true");
    else if (actions > 1 && (has_profile || step.kind == StepKind::kClear))
      add(table, "step", "does two things at once; give profile, or down and up, or clear = true");
    timeline_.steps.push_back(std::move(step));
  }

  void read_key(TimelineStep& step, std::string_view key, const toml::node& node, unsigned& actions) {
    static const std::vector<std::string> kKeys{"at", "device", "profile", "down", "up", "clear"};
    if (key == "at") {
      const auto time = duration(node);
      if (!time) return add(node, "step.at", "is not a duration; allowed: 0s to 24h");
      step.at = *time;
    } else if (key == "device") {
      step.device = node.value_or(std::string());
    } else if (key == "profile") {
      ++actions;
      step.change.profile = node.value_or(std::string());
      if (step.change.profile.empty()) add(node, "step.profile", "is not the name of a profile");
    } else if (key == "down" || key == "up") {
      ++actions;
      read_direction(key == "down" ? step.change.down : step.change.up, "step." + std::string(key), node);
    } else if (key == "clear") {
      ++actions;
      step.kind = StepKind::kClear;
      if (!node.value_or(false)) add(node, "step.clear", "can only be true; leave it out otherwise");
    } else {
      add(node, "step." + std::string(key), "is not a known key; " + suggestion(key, kKeys));
    }
  }

  void read_direction(std::optional<impair::Settings>& target, const std::string& key,
                      const toml::node& node) {
    const auto text = impairment_text(node);
    if (!text) return add(node, key, to_string(text.invalid()));
    const auto settings = parse_impairment_in(folder_, *text);
    if (!settings) return add(node, key, to_string(settings.invalid()));
    target = *settings;
  }

  void check(const toml::table& root) {
    const auto& steps = timeline_.steps;
    if (steps.empty()) add(root, "step", "is missing; a timeline has [[step]] tables");
    if (steps.size() > kMostSteps) add(root, "step", "is there too often; allowed: up to 1000 steps");
    if (!steps.empty() && timeline_.loop && steps.back().at >= *timeline_.loop)
      add(root, "loop", "begins again before the last step; allowed: more than its `at`");
  }

  static std::optional<base::Duration> duration(const toml::node& node) {
    const auto time = parse_duration(node.value_or(std::string()));
    if (!time || *time < base::Duration{} || *time > kLongest) return std::nullopt;
    return *time;
  }

  void add(const toml::node& node, const std::string& key, std::string message) {
    problems_.add({std::string(file_name_), node.source().begin.line, key}, std::move(message));
  }

  std::string_view file_name_;
  std::filesystem::path folder_;
  Problems& problems_;
  Timeline timeline_;
};

}  // namespace

Timeline parse_timeline(std::string_view text, std::string_view file_name, Problems& problems) {
  try {
    return TimelineReader(file_name, problems).read(toml::parse(text, file_name));
  } catch (const toml::parse_error& error) {
    std::string why(error.description());
    std::ranges::replace(why, '\n', ' ');
    problems.add({std::string(file_name), error.source().begin.line, {}}, std::move(why));
    return {};
  }
}

Timeline load_timeline(const std::filesystem::path& file) {
  Problems problems;
  const auto text = read_file(file.string());
  if (!text) problems.add({}, to_string(text.invalid()));
  auto timeline = text ? parse_timeline(*text, file.string(), problems) : Timeline{};
  throw_if_any(problems);
  return timeline;
}

}  // namespace sennit::config
