#include "shell/device_status.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "config/impair_text.hpp"
#include "config/impair_values.hpp"
#include "config/values.hpp"
#include "impair/interval.hpp"

namespace sennit::shell {

namespace {

// How the value of a key is written in JSON; what is not here is text.
struct JsonForm {
  std::string_view key;
  std::string_view json_key;
  api::SettingValue (*value)(const std::string& text);
};

api::SettingValue rate(const std::string& text) {
  return config::parse_rate(text)->bits_per_second;
}
api::SettingValue milliseconds(const std::string& text) {
  return base::to_milliseconds(*config::parse_span(text));
}
api::SettingValue share(const std::string& text) {
  return config::parse_probability(text)->value;
}
api::SettingValue size(const std::string& text) {
  return config::parse_size(text)->value;
}
api::SettingValue number(const std::string& text) {
  return *config::parse_seed(text);
}
api::SettingValue mean(const std::string& text) {
  return *config::parse_burst_length(text);
}

constexpr std::array kForms{JsonForm{"rate", "rate", rate},
                            JsonForm{"peak", "peak", rate},
                            JsonForm{"burst", "burst", size},
                            JsonForm{"delay", "delay_ms", milliseconds},
                            JsonForm{"jitter", "jitter_ms", milliseconds},
                            JsonForm{"delay-correlation", "delay_correlation", share},
                            JsonForm{"loss", "loss", share},
                            JsonForm{"loss-correlation", "loss_correlation", share},
                            JsonForm{"loss-burst", "loss_burst", mean},
                            JsonForm{"corrupt", "corrupt", share},
                            JsonForm{"corrupt-correlation", "corrupt_correlation", share},
                            JsonForm{"duplicate", "duplicate", share},
                            JsonForm{"duplicate-correlation", "duplicate_correlation", share},
                            JsonForm{"reorder", "reorder", share},
                            JsonForm{"reorder-correlation", "reorder_correlation", share},
                            JsonForm{"reorder-gap", "reorder_gap", number},
                            JsonForm{"seed", "seed", number}};

std::map<std::string, api::SettingValue> values_of(const impair::Settings& settings) {
  std::map<std::string, api::SettingValue> values;
  for (const auto& [key, text] : config::to_keys(settings)) {
    const auto form = std::ranges::find(kForms, std::string_view(key), &JsonForm::key);
    if (form != kForms.end()) {
      values[std::string(form->json_key)] = form->value(text);
      continue;
    }
    auto json_key = key;
    std::ranges::replace(json_key, '-', '_');
    values[json_key] = text;
  }
  return values;
}

void add_share(api::AchievedStatus& achieved, const char* name, std::uint64_t hits, std::uint64_t trials) {
  if (trials == 0) return;
  const auto [low, high] = impair::clopper_pearson({hits, trials});
  achieved.shares[name] = {static_cast<double>(hits) / static_cast<double>(trials), low.value, high.value};
}

api::AchievedStatus achieved_of(const device::LaneReport& report, base::Instant now) {
  const auto& counted = report.achieved;
  api::AchievedStatus achieved;
  achieved.packets = counted.delivered.packets();
  achieved.bytes = counted.delivered.bytes();
  achieved.rate = counted.delivered.rate(now);
  achieved.delay = counted.delay.mean();
  achieved.offered = counted.offered;
  achieved.lost = counted.lost;
  achieved.outage_drops = counted.outage_drops;
  achieved.queue_drops = counted.queue_drops + counted.aqm_drops;
  achieved.aqm_drops = counted.aqm_drops;
  achieved.marked = counted.marked;
  achieved.corrupted = counted.corrupted;
  achieved.duplicated = counted.duplicated;
  achieved.reordered = counted.reordered;
  achieved.queued = report.queued.value;
  achieved.queued_bytes = report.queued_bytes;
  add_share(achieved, "lost", counted.lost, counted.judged);
  add_share(achieved, "corrupted", counted.corrupted, counted.passed);
  add_share(achieved, "duplicated", counted.duplicated, counted.passed);
  add_share(achieved, "reordered", counted.reordered, counted.passed);
  return achieved;
}

}  // namespace

std::optional<api::DirectionStatus> direction_of(const std::optional<impair::Settings>& settings,
                                                 const std::optional<device::LaneReport>& report,
                                                 base::Instant now) {
  if (!settings) return std::nullopt;
  return api::DirectionStatus{values_of(*settings), config::to_text(*settings),
                              report ? achieved_of(*report, now) : api::AchievedStatus{}};
}

std::vector<api::DeviceStatus> status_of(const std::vector<Device>& devices,
                                         const std::vector<device::DeviceReport>& reports,
                                         const BackendName& backend_of, base::Now now) {
  std::map<base::DeviceMatch, const device::DeviceReport*> by_match;
  for (const auto& report : reports) by_match[report.match] = &report;
  std::vector<api::DeviceStatus> all;
  for (const auto& device : devices) {
    const auto found = by_match.find(device.matches.front());
    const auto lane = [&](device::Direction direction) {
      return found == by_match.end() ? std::nullopt
                                     : found->second->lanes[static_cast<std::size_t>(direction)];
    };
    api::DeviceStatus status;
    status.name = device.name;
    status.match = config::match_text(device.matches);
    status.profile = device.profile;
    status.backend = backend_of(device.matches.front());
    if (found != by_match.end())
      for (const auto& address : found->second->addresses)
        status.addresses.push_back(base::to_string(address));
    if (device.expires) status.expires = std::max(base::Duration{}, *device.expires - now.wall);
    status.down = direction_of(device.down, lane(device::Direction::kDown), now.monotonic);
    status.up = direction_of(device.up, lane(device::Direction::kUp), now.monotonic);
    all.push_back(std::move(status));
  }
  return all;
}

std::vector<api::ProfileStatus> status_of(const std::vector<config::Profile>& profiles) {
  std::vector<api::ProfileStatus> all;
  all.reserve(profiles.size());
  for (const auto& profile : profiles)
    all.push_back({profile.name, config::to_text(profile.down), config::to_text(profile.up), profile.source});
  return all;
}

}  // namespace sennit::shell
