#include "shell/device_book.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "config/impair_text.hpp"
#include "config/nearest.hpp"

namespace sennit::shell {

namespace {

using base::UsageError;

using device::Direction;

std::string text_of(const LaneSettings& lane) {
  return lane.impaired ? config::to_text(*lane.impaired) : std::string("-");
}

std::string text_of(const std::optional<config::Shaping>& backend) {
  return backend ? std::string(config::to_string(*backend)) : std::string();
}

// "-" is none; an empty text impairs nothing and is something else.
std::optional<impair::Settings> settings_of(const std::string& text) {
  if (text == "-") return std::nullopt;
  const auto settings = config::parse_impairment(text, config::read_file);
  if (!settings) throw UsageError(config::to_string(settings.invalid()));
  return *settings;
}

std::optional<impair::Settings> in_force(const Layered<LaneSettings>& lane) {
  const auto& impaired = lane.current().impaired;
  return impaired ? std::optional(*impaired) : std::nullopt;
}

std::string_view name_of(Direction direction) {
  return direction == Direction::kDown ? "down" : "up";
}

// The profile by its full name: by whatever name the file calls it, the entry is the same.
std::string summary(const DeviceSettings& settings, const std::vector<config::Profile>& profiles) {
  const auto& down = settings.lane(Direction::kDown).lasting;
  const auto& up = settings.lane(Direction::kUp).lasting;
  const auto profile = common_profile(down, up);
  const auto text = profile.empty() ? text_of(down) + " / " + text_of(up)
                                    : "profile " + config::find_profile(profile, profiles)->name;
  const auto& backend = settings.backend.lasting;
  return backend ? text + " by " + text_of(backend) : text;
}

std::vector<StoredTemporary> temporary_of(const DeviceSettings& settings) {
  std::vector<StoredTemporary> all;
  for (const auto direction : device::kDirections)
    if (const auto& now = settings.lane(direction).temporary)
      all.push_back({std::string(name_of(direction)), now->value.profile, text_of(now->value), now->until});
  if (const auto& now = settings.backend.temporary)
    all.push_back({"backend", {}, text_of(now->value), now->until});
  return all;
}

}  // namespace

DeviceBook::DeviceBook(const std::vector<config::DeviceOptions>& configured,
                       const std::vector<config::Profile>& own)
    : profiles_(config::all_profiles(own)) {
  for (const auto& options : configured) {
    const auto change = config::change_of(options, profiles_);
    if (!change) throw UsageError(config::to_string(change.invalid()));
    names_[options.display_name()] = options.matches.front();
    DeviceSettings settings;
    settings.apply(*change, std::nullopt);
    put({options.display_name(), options.matches, settings, std::make_shared<const DeviceSettings>(settings),
         summary(settings, profiles_)});
  }
}

std::vector<std::string> DeviceBook::restore(const std::vector<StoredDevice>& stored, base::WallTime now) {
  std::vector<std::string> refusals;
  for (const auto& old : stored) {
    try {
      restore_device(old, now);
    } catch (const UsageError& error) {
      refusals.push_back("device " + old.match + " is no longer as it was set: " + error.what());
    }
  }
  return refusals;
}

void DeviceBook::restore_device(const StoredDevice& old, base::WallTime now) {
  const auto matches = config::parse_match(old.match);
  if (!matches || (old.expires && *old.expires <= now)) return;
  auto entry = entry_of(*matches);
  if (entry.configured_text != old.configured) return;
  auto& settings = entry.settings;
  for (const auto direction : device::kDirections)
    settings.lane(direction).set(
        lane_of(old.profile, direction == Direction::kDown ? old.down : old.up, direction), old.expires);
  if (const auto backend = config::parse_shaping(old.backend)) settings.backend.set(*backend, old.expires);
  for (const auto& temporary : old.temporary)
    if (temporary.until > now) restore_temporary(temporary, settings);
  put(std::move(entry));
}

void DeviceBook::restore_temporary(const StoredTemporary& old, DeviceSettings& settings) const {
  if (old.part == "backend") {
    const auto backend = config::parse_shaping(old.value);
    if (backend) settings.backend.set(*backend, old.until);
    return;
  }
  for (const auto direction : device::kDirections)
    if (old.part == name_of(direction))
      settings.lane(direction).set(lane_of(old.profile, old.value, direction), old.until);
}

// A profile is what it is now.
LaneSettings DeviceBook::lane_of(const std::string& profile, const std::string& text,
                                 Direction direction) const {
  const auto change = resolve({profile, {}, {}});
  auto settings = direction == Direction::kDown ? change.down : change.up;
  if (profile.empty()) settings = settings_of(text);
  return {change.profile,
          settings ? std::make_shared<const impair::Settings>(std::move(*settings)) : nullptr};
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
  return {change.profile, profile->down, profile->up, change.backend};
}

DeviceBook::Entry DeviceBook::entry_of(const std::string& name) const {
  const auto* known = find_entry(name);
  return known != nullptr ? *known : entry_of(matches_of(name));
}

DeviceBook::Entry DeviceBook::entry_of(const std::vector<base::DeviceMatch>& matches) const {
  const auto known = entries_.find(matches.front());
  if (known != entries_.end()) return known->second;
  return {config::match_text(matches), matches, {}, {}, {}};
}

DeviceBook::Plan DeviceBook::plan(const std::string& name, const config::DeviceChange& change,
                                  std::optional<base::Duration> duration, base::WallTime now) const {
  const auto before = entry_of(name);
  auto entry = before;
  const auto resolved = resolve(change);
  entry.settings.apply(resolved, duration ? std::optional(now + *duration) : std::nullopt);
  return {device_of(entry), directions_of(resolved), to_stored(entry, entry.settings), before,
          std::move(entry)};
}

void DeviceBook::set(const Plan& plan) {
  put(plan.entry);
}

Device DeviceBook::take_back(const Plan& plan) {
  put(plan.before);
  return device_of(plan.before);
}

void DeviceBook::put(Entry entry) {
  const auto match = entry.matches.front();
  const auto known = entries_.find(match);
  if (known != entries_.end()) {
    if (const auto before = known->second.settings.next_expiry()) expiries_.erase({*before, match});
    entries_.erase(known);
  }
  if (!entry.configured && entry.settings.is_blank()) return;
  if (const auto after = entry.settings.next_expiry()) expiries_.emplace(*after, match);
  entries_.emplace(match, std::move(entry));
}

Device DeviceBook::device_of(const Entry& entry) {
  const auto& down = entry.settings.lane(Direction::kDown);
  const auto& up = entry.settings.lane(Direction::kUp);
  return {entry.name,
          entry.matches,
          common_profile(down.current(), up.current()),
          in_force(down),
          in_force(up),
          entry.settings.next_expiry(),
          entry.settings.backend.current()};
}

StoredDevice DeviceBook::to_stored(const Entry& entry, const DeviceSettings& settings) {
  const auto& down = settings.lane(Direction::kDown).lasting;
  const auto& up = settings.lane(Direction::kUp).lasting;
  return {config::match_text(entry.matches),
          common_profile(down, up),
          text_of(down),
          text_of(up),
          {},
          entry.configured_text,
          text_of(settings.backend.lasting),
          temporary_of(settings)};
}

std::vector<DeviceBook::Ended> DeviceBook::clear(const std::string& name) {
  const auto* known = find_entry(name);
  if (known == nullptr) {
    matches_of(name);
    return {};
  }
  auto entry = *known;
  entry.settings.unimpair();
  if (!entry.configured) entry.settings.backend = {};
  put(entry);
  return {{device_of(entry), {device::kDirections.begin(), device::kDirections.end()}}};
}

std::vector<DeviceBook::Ended> DeviceBook::clear_all() {
  std::vector<Ended> cleared;
  for (const auto& device : all()) {
    const auto one = clear(device.name);
    cleared.insert(cleared.end(), one.begin(), one.end());
  }
  return cleared;
}

std::optional<Device> DeviceBook::reset(const Device& device) {
  auto entry = entries_.at(device.matches.front());
  entry.settings = entry.configured ? *entry.configured : DeviceSettings{};
  put(entry);
  return entry.configured ? std::optional(device_of(entry)) : std::nullopt;
}

std::vector<DeviceBook::Ended> DeviceBook::expire(base::WallTime now) {
  std::vector<Ended> expired;
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    auto entry = entries_.at(expiries_.begin()->second);
    auto directions = entry.settings.expire(now);
    put(entry);
    expired.push_back({device_of(entry), std::move(directions)});
  }
  return expired;
}

std::optional<base::WallTime> DeviceBook::next_expiry() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

Device DeviceBook::find(const std::string& name) const {
  if (const auto* entry = find_entry(name)) return device_of(*entry);
  matches_of(name);
  throw UsageError("'" + name + "' is not a device; `sennit device list` shows those that are");
}

base::DeviceMatch DeviceBook::match_of(const std::string& name) const {
  return entry_of(name).matches.front();
}

std::vector<Device> DeviceBook::all() const {
  std::vector<Device> devices;
  devices.reserve(entries_.size());
  for (const auto& [match, entry] : entries_) devices.push_back(device_of(entry));
  return devices;
}

std::optional<StoredDevice> DeviceBook::stored(const Device& device) const {
  const auto found = entries_.find(device.matches.front());
  if (found == entries_.end()) return std::nullopt;
  const auto& entry = found->second;
  auto stored = to_stored(entry, entry.settings);
  if (entry.configured && stored == to_stored(entry, *entry.configured)) return std::nullopt;
  return stored;
}

}  // namespace sennit::shell
