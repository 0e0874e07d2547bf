#include "config/device_options.hpp"

#include <algorithm>

namespace sennit::config {

namespace {

constexpr std::string_view kMatchForm =
    "an address as in 192.168.1.23 or fd00::2, a network as in 192.168.1.0/24, or default";

const base::Prefix kEverybodyV4(base::IpAddress::v4({}), 0);
const base::Prefix kEverybodyV6(base::IpAddress::v6({}), 0);

bool looks_like_mac(std::string_view text) {
  constexpr std::size_t kLength = 17;
  return text.size() == kLength && std::ranges::count(text, ':') == 5;
}

// One direction of `change`, if the table names it.
std::optional<Invalid> read(const std::optional<std::string>& text, const std::filesystem::path& folder,
                            std::optional<impair::Settings>& target) {
  if (!text) return std::nullopt;
  const auto settings = parse_impairment_in(folder, *text);
  if (!settings) return settings.invalid();
  target = *settings;
  return std::nullopt;
}

}  // namespace

std::string DeviceOptions::display_name() const {
  return name.empty() ? match_text(matches) : name;
}

Parsed<std::vector<base::Prefix>> parse_match(std::string_view text) {
  if (text == "default") return std::vector{kEverybodyV4, kEverybodyV6};
  const auto prefix = base::Prefix::parse(text);
  const std::string quoted = "'" + std::string(text) + "'";
  if (!prefix && looks_like_mac(text))
    return Invalid{quoted + " is a MAC address, which this version does not know devices by",
                   std::string(kMatchForm)};
  if (!prefix) return Invalid{quoted + " is not an address or network", std::string(kMatchForm)};
  if (*prefix != prefix->network())
    return Invalid{quoted + " has bits set behind its length",
                   prefix->network().to_string() + ", or another network"};
  return std::vector{*prefix};
}

std::string match_text(const std::vector<base::Prefix>& matches) {
  if (matches.empty()) return {};
  const auto& first = matches.front();
  if (matches.size() > 1) return "default";
  return first.is_host() ? first.address().to_string() : first.to_string();
}

Parsed<DeviceChange> change_of(const DeviceOptions& device, const std::vector<Profile>& profiles) {
  DeviceChange change{device.profile, {}, {}, device.backend};
  if (!device.profile.empty()) {
    const auto profile = find_profile(device.profile, profiles);
    if (!profile) return profile.invalid();
    return DeviceChange{profile->name, profile->down, profile->up, device.backend};
  }
  if (const auto invalid = read(device.down, device.folder, change.down)) return *invalid;
  if (const auto invalid = read(device.up, device.folder, change.up)) return *invalid;
  return change;
}

std::vector<Profile> all_profiles(const std::vector<Profile>& own) {
  auto all = own;
  for (const auto& stock : stock_profiles()) {
    if (std::ranges::find(own, stock.name, &Profile::name) == own.end()) all.push_back(stock);
  }
  std::ranges::sort(all, {}, &Profile::name);
  return all;
}

}  // namespace sennit::config
