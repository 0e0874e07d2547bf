#include "shell/device_book.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "config/impair_text.hpp"
#include "config/nearest.hpp"

namespace sennit::shell {

namespace {

using base::UsageError;

std::string text_of(const std::optional<impair::Settings>& settings) {
  return settings ? config::to_text(*settings) : std::string("-");
}

// "-" is none; an empty text impairs nothing and is something else.
std::optional<impair::Settings> settings_of(const std::string& text) {
  if (text == "-") return std::nullopt;
  const auto settings = config::parse_impairment(text, config::read_file);
  if (!settings) throw UsageError(config::to_string(settings.invalid()));
  return *settings;
}

bool sets_anything(const config::DeviceChange& change) {
  return !change.profile.empty() || change.down || change.up;
}

// Other settings from now on; a direction not named stays.
void apply(const config::DeviceChange& change, Device& device) {
  if (change.backend) device.backend = change.backend;
  if (!sets_anything(change)) return;
  device.profile = change.profile;
  if (change.down) device.down = change.down;
  if (change.up) device.up = change.up;
}

void unimpair(Device& device) {
  device.profile.clear();
  device.down.reset();
  device.up.reset();
  device.expires.reset();
}

std::string summary(const Device& device) {
  const auto settings = device.profile.empty() ? text_of(device.down) + " / " + text_of(device.up)
                                               : "profile " + device.profile;
  return device.backend ? settings + " by " + std::string(config::to_string(*device.backend)) : settings;
}

StoredDevice to_stored(const Device& device, const std::string& configured) {
  return {config::match_text(device.matches),
          device.profile,
          text_of(device.down),
          text_of(device.up),
          device.expires,
          configured,
          device.backend ? std::string(config::to_string(*device.backend)) : std::string()};
}

}  // namespace

DeviceBook::DeviceBook(const std::vector<config::DeviceOptions>& configured,
                       const std::vector<config::Profile>& own)
    : profiles_(config::all_profiles(own)) {
  for (const auto& options : configured) {
    const auto change = config::change_of(options, profiles_);
    if (!change) throw UsageError(config::to_string(change.invalid()));
    names_[options.display_name()] = options.matches.front();
    Device device{options.display_name(), options.matches, {}, {}, {}, {}};
    apply(*change, device);
    entries_[options.matches.front()] = {device, std::make_shared<const Device>(device), summary(device),
                                         false};
  }
}

std::vector<std::string> DeviceBook::restore(const std::vector<StoredDevice>& stored, base::WallTime now) {
  std::vector<std::string> refusals;
  for (const auto& old : stored) {
    const auto matches = config::parse_match(old.match);
    if (!matches || (old.expires && *old.expires <= now)) continue;
    const auto known = entries_.find(matches->front());
    if ((known == entries_.end() ? std::string() : known->second.configured_text) != old.configured) continue;
    try {
      config::DeviceChange change{old.profile, {}, {}};
      if (old.profile.empty()) change = {{}, settings_of(old.down), settings_of(old.up)};
      change = resolve(change);
      if (const auto backend = config::parse_shaping(old.backend)) change.backend = *backend;
      auto& entry = entries_[matches->front()];
      if (entry.device.name.empty()) entry.device.name = config::match_text(*matches);
      entry.device.matches = *matches;
      note_expiry(matches->front(), entry.device.expires, old.expires);
      unimpair(entry.device);
      apply(change, entry.device);
      entry.device.expires = old.expires;
      entry.is_changed = true;
    } catch (const UsageError& error) {
      refusals.push_back("device " + old.match + " is no longer as it was set: " + error.what());
    }
  }
  return refusals;
}

const DeviceBook::Entry* DeviceBook::find_entry(const std::string& name) const {
  const auto named = names_.find(name);
  if (named != names_.end()) return &entries_.at(named->second);
  const auto matches = config::parse_match(name);
  const auto matched = matches ? entries_.find(matches->front()) : entries_.end();
  return matched == entries_.end() ? nullptr : &matched->second;
}

std::vector<base::DeviceMatch> DeviceBook::matches_of(const std::string& name) const {
  const auto matches = config::parse_match(name);
  if (matches) return *matches;
  // What looks like an address was meant as one.
  if (name.find_first_of(":/") != std::string::npos ||
      name.find_first_not_of("0123456789.") == std::string::npos)
    throw UsageError("device " + config::to_string(matches.invalid()));
  std::vector<std::string> names;
  for (const auto& [known, match] : names_) names.push_back(known);
  const auto help = names.empty()
                        ? "allowed: an address, a network, a MAC address or default; no device is configured"
                        : config::suggestion(name, names);
  throw UsageError("'" + name + "' is not a device; " + help);
}

config::DeviceChange DeviceBook::resolve(const config::DeviceChange& change) const {
  if (change.profile.empty()) return change;
  const auto profile = config::find_profile(change.profile, profiles_);
  if (!profile) throw UsageError("profile: " + config::to_string(profile.invalid()));
  return {profile->name, profile->down, profile->up, change.backend};
}

DeviceBook::Plan DeviceBook::plan(const std::string& name, const config::DeviceChange& change,
                                  std::optional<base::Duration> duration, base::WallTime now) const {
  const auto resolved = resolve(change);
  const auto* entry = find_entry(name);
  Device device;
  if (entry != nullptr) {
    device = entry->device;
  } else {
    device.matches = matches_of(name);
    device.name = config::match_text(device.matches);
  }
  apply(resolved, device);
  // A move alone leaves the settings, and their end.
  if (duration || sets_anything(resolved))
    device.expires = duration ? std::optional(now + *duration) : std::nullopt;
  auto stored = to_stored(device, entry != nullptr ? entry->configured_text : std::string());
  return {std::move(device), std::move(stored)};
}

void DeviceBook::note_expiry(const base::DeviceMatch& match, const std::optional<base::WallTime>& before,
                             const std::optional<base::WallTime>& after) {
  if (before) expiries_.erase({*before, match});
  if (after) expiries_.emplace(*after, match);
}

void DeviceBook::set(const Plan& plan) {
  const auto& match = plan.device.matches.front();
  auto& entry = entries_[match];
  note_expiry(match, entry.device.expires, plan.device.expires);
  entry.device = plan.device;
  entry.is_changed = true;
}

Device DeviceBook::reset(std::map<base::DeviceMatch, Entry>::iterator entry) {
  auto& [match, known] = *entry;
  note_expiry(match, known.device.expires, std::nullopt);
  if (known.configured) {
    known.device = *known.configured;
    known.is_changed = false;
    return known.device;
  }
  auto gone = known.device;
  unimpair(gone);
  entries_.erase(entry);
  return gone;
}

std::vector<Device> DeviceBook::clear(const std::string& name) {
  const auto* known = find_entry(name);
  if (known == nullptr) {
    matches_of(name);
    return {};
  }
  auto& entry = entries_.at(known->device.matches.front());
  note_expiry(known->device.matches.front(), known->device.expires, std::nullopt);
  unimpair(entry.device);
  entry.is_changed = true;
  auto cleared = entry.device;
  if (!entry.configured) entries_.erase(cleared.matches.front());
  return {cleared};
}

std::vector<Device> DeviceBook::clear_all() {
  std::vector<Device> cleared;
  for (const auto& device : all()) {
    const auto one = clear(device.name);
    cleared.insert(cleared.end(), one.begin(), one.end());
  }
  return cleared;
}

std::vector<Device> DeviceBook::expire(base::WallTime now) {
  std::vector<Device> changed;
  while (!expiries_.empty() && expiries_.begin()->first <= now)
    changed.push_back(reset(entries_.find(expiries_.begin()->second)));
  return changed;
}

std::optional<base::WallTime> DeviceBook::next_expiry() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

const Device& DeviceBook::find(const std::string& name) const {
  if (const auto* entry = find_entry(name)) return entry->device;
  matches_of(name);
  throw UsageError("'" + name + "' is not a device; `sennit device list` shows those that are");
}

base::DeviceMatch DeviceBook::match_of(const std::string& name) const {
  const auto* entry = find_entry(name);
  return entry != nullptr ? entry->device.matches.front() : matches_of(name).front();
}

std::vector<Device> DeviceBook::all() const {
  std::vector<Device> devices;
  for (const auto& [match, entry] : entries_) devices.push_back(entry.device);
  return devices;
}

std::optional<StoredDevice> DeviceBook::stored(const Device& device) const {
  const auto found = entries_.find(device.matches.front());
  if (found == entries_.end() || !found->second.is_changed) return std::nullopt;
  return to_stored(device, found->second.configured_text);
}

}  // namespace sennit::shell
