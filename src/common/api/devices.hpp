// The devices of an endpoint as plain values: `devices` of `sennit status --json`, and `sennit device list`.
// Filled by the shell, carried over the control socket as JSON, printed by `sennit device`. Measures nothing.
// The keys and their units are promised to users in the man page sennit(1).
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/filters.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::api {

// A share that was counted, and which shares are compatible with that.
struct ShareStatus {
  double share = 0;  // 0 to 1
  double low = 0;
  double high = 1;
  bool operator==(const ShareStatus&) const = default;
};

// What one direction of a device has done since its settings were made.
struct AchievedStatus {
  std::uint64_t packets = 0;  // delivered, like `bytes` and `rate`
  base::Bytes bytes;
  base::BitRate rate;      // of the last second
  base::Duration delay{};  // mean
  std::uint64_t offered = 0;
  std::uint64_t lost = 0;
  std::uint64_t outage_drops = 0;
  std::uint64_t queue_drops = 0;  // those of queue management among them
  std::uint64_t aqm_drops = 0;
  std::uint64_t marked = 0;
  std::uint64_t corrupted = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t queued = 0;
  base::Bytes queued_bytes;
  std::map<std::string, ShareStatus> shares;  // "lost", "corrupted" …, at 99 % confidence
  bool operator==(const AchievedStatus&) const = default;
};

using SettingValue = std::variant<std::uint64_t, double, std::string>;

struct DirectionStatus {
  std::map<std::string, SettingValue> set;  // by key, with its unit: "rate", "delay_ms" …
  std::string options;                      // the same as the user writes it
  AchievedStatus achieved;
  bool operator==(const DirectionStatus&) const = default;
};

struct DeviceStatus {
  std::string name;
  std::string match;
  std::vector<std::string> addresses;  // and networks, that are its own now
  std::string profile;                 // empty: none
  std::string backend = "tunnel";
  std::optional<base::Duration> expires;
  std::optional<DirectionStatus> down;  // none: not impaired
  std::optional<DirectionStatus> up;
  std::vector<FilterStatus> filters;  // those that name it
  bool operator==(const DeviceStatus&) const = default;
};

// A named impairment, as `sennit profile` shows it.
struct ProfileStatus {
  std::string name;
  std::string down;  // options
  std::string up;
  std::string source;
  bool operator==(const ProfileStatus&) const = default;
};

// The lists that `sennit device list --json` and `sennit profile list --json` print.
nlohmann::json to_json(const std::vector<DeviceStatus>& devices);
nlohmann::json to_json(const DeviceStatus& device);
nlohmann::json to_json(const std::vector<ProfileStatus>& profiles);
nlohmann::json to_json(const ProfileStatus& profile);

// One direction of a device or link; {} where it is not impaired.
nlohmann::json to_json(const std::optional<DirectionStatus>& direction);
std::optional<DirectionStatus> direction_from_json(const nlohmann::json& json);

// Read those back; throw Error when they are not such lists.
std::vector<DeviceStatus> devices_from_json(const nlohmann::json& json);
std::vector<ProfileStatus> profiles_from_json(const nlohmann::json& json);

}  // namespace sennit::api
