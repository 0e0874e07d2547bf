#include "api/devices.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace sennit::api {

namespace {

using nlohmann::json;

constexpr double kConfidence = 0.99;

json encode(const ShareStatus& share) {
  return {{"share", share.share}, {"low", share.low}, {"high", share.high}, {"confidence", kConfidence}};
}

json encode(const AchievedStatus& achieved) {
  json shares = json::object();
  for (const auto& [name, share] : achieved.shares) shares[name] = encode(share);
  return {{"packets", achieved.packets},
          {"bytes", achieved.bytes.value},
          {"rate", achieved.rate.bits_per_second},
          {"delay_ms", base::to_milliseconds(achieved.delay)},
          {"offered", achieved.offered},
          {"lost", achieved.lost},
          {"outage_drops", achieved.outage_drops},
          {"queue_drops", achieved.queue_drops},
          {"aqm_drops", achieved.aqm_drops},
          {"marked", achieved.marked},
          {"corrupted", achieved.corrupted},
          {"duplicated", achieved.duplicated},
          {"reordered", achieved.reordered},
          {"queued", achieved.queued},
          {"queued_bytes", achieved.queued_bytes.value},
          {"shares", shares}};
}

base::Duration milliseconds(const json& value) {
  constexpr double kNanoseconds = 1e6;
  return base::Duration(static_cast<std::int64_t>(value.get<double>() * kNanoseconds));
}

AchievedStatus decode_achieved(const json& object) {
  AchievedStatus achieved;
  const auto count = [&](const char* key) { return object.at(key).get<std::uint64_t>(); };
  achieved.packets = count("packets");
  achieved.bytes = {count("bytes")};
  achieved.rate = {count("rate")};
  achieved.delay = milliseconds(object.at("delay_ms"));
  achieved.offered = count("offered");
  achieved.lost = count("lost");
  achieved.outage_drops = count("outage_drops");
  achieved.queue_drops = count("queue_drops");
  achieved.aqm_drops = count("aqm_drops");
  achieved.marked = count("marked");
  achieved.corrupted = count("corrupted");
  achieved.duplicated = count("duplicated");
  achieved.reordered = count("reordered");
  achieved.queued = count("queued");
  achieved.queued_bytes = {count("queued_bytes")};
  for (const auto& [name, share] : object.at("shares").items())
    achieved.shares[name] = {share.at("share").get<double>(), share.at("low").get<double>(),
                             share.at("high").get<double>()};
  return achieved;
}

SettingValue decode_value(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  return value.get<double>();
}

DeviceStatus decode_device(const json& object) {
  constexpr double kNanoseconds = 1e9;
  DeviceStatus device;
  device.name = object.at("name").get<std::string>();
  device.match = object.at("match").get<std::string>();
  device.addresses = object.value("addresses", std::vector<std::string>());
  if (object.at("profile").is_string()) device.profile = object.at("profile").get<std::string>();
  device.backend = object.at("backend").get<std::string>();
  if (object.at("expires_s").is_number()) {
    const auto nanoseconds = object.at("expires_s").get<double>() * kNanoseconds;
    device.expires = base::Duration(static_cast<std::int64_t>(nanoseconds));
  }
  device.down = direction_from_json(object.at("down"));
  device.up = direction_from_json(object.at("up"));
  if (object.contains("filters")) device.filters = filters_from_json(object.at("filters"));
  return device;
}

// An endpoint of another version may answer what we do not understand.
template <class Item, class Decode>
std::vector<Item> decode_list(const json& list, Decode decode) {
  try {
    std::vector<Item> items;
    for (const auto& item : list) items.push_back(decode(item));
    return items;
  } catch (const json::exception& error) {
    throw base::Error(std::string("the endpoint's answer is not understood, is it of another version? ") +
                      error.what());
  }
}

template <class Item>
json encode_list(const std::vector<Item>& items) {
  auto list = json::array();
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

}  // namespace

nlohmann::json to_json(const std::optional<DirectionStatus>& direction) {
  if (!direction) return json::object();
  json set = json::object();
  for (const auto& entry : direction->set)
    std::visit([&](const auto& value) { set[entry.first] = value; }, entry.second);
  return {{"set", set}, {"options", direction->options}, {"achieved", encode(direction->achieved)}};
}

std::optional<DirectionStatus> direction_from_json(const nlohmann::json& object) {
  if (!object.contains("set")) return std::nullopt;
  DirectionStatus direction;
  for (const auto& [key, value] : object.at("set").items()) direction.set[key] = decode_value(value);
  direction.options = object.at("options").get<std::string>();
  direction.achieved = decode_achieved(object.at("achieved"));
  return direction;
}

nlohmann::json to_json(const DeviceStatus& device) {
  return {{"name", device.name},
          {"match", device.match},
          {"addresses", device.addresses},
          {"profile", device.profile.empty() ? json(nullptr) : json(device.profile)},
          {"backend", device.backend},
          {"expires_s", device.expires ? json(base::to_seconds(*device.expires)) : json(nullptr)},
          {"down", to_json(device.down)},
          {"up", to_json(device.up)},
          {"filters", to_json(device.filters)}};
}

nlohmann::json to_json(const std::vector<DeviceStatus>& devices) {
  return encode_list(devices);
}

nlohmann::json to_json(const ProfileStatus& profile) {
  return {{"name", profile.name}, {"down", profile.down}, {"up", profile.up}, {"source", profile.source}};
}

nlohmann::json to_json(const std::vector<ProfileStatus>& profiles) {
  return encode_list(profiles);
}

std::vector<DeviceStatus> devices_from_json(const nlohmann::json& source) {
  return decode_list<DeviceStatus>(source, decode_device);
}

std::vector<ProfileStatus> profiles_from_json(const nlohmann::json& source) {
  return decode_list<ProfileStatus>(source, [](const json& object) {
    return ProfileStatus{object.at("name").get<std::string>(), object.at("down").get<std::string>(),
                         object.at("up").get<std::string>(), object.at("source").get<std::string>()};
  });
}

}  // namespace sennit::api
