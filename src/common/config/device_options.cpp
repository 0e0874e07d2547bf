#include "config/device_options.hpp"

#include <algorithm>

namespace sennit::config {

namespace {

constexpr std::string_view kMatchForm =
    "an address as in 192.168.1.23 or fd00::2, a network as in 192.168.1.0/24, a MAC address as in "
    "02:00:5e:10:00:01, or default";
constexpr std::string_view kNetworkForm =
    "an address as in 192.168.1.23 or fd00::2, a network as in 192.168.1.0/24, or default";

const base::Prefix kEverybodyV4(base::IpAddress::v4({}), 0);
const base::Prefix kEverybodyV6(base::IpAddress::v6({}), 0);

// What is read as a MAC address; none: another kind of match.
std::optional<Parsed<base::MacAddress>> parse_mac(std::string_view text, const std::string& quoted) {
  const auto mac = base::MacAddress::parse(text);
  if (!mac) return std::nullopt;
  if (mac->is_group())
    return Invalid{quoted + " is the MAC address of a group", "that of one device, as in 02:00:5e:10:00:01"};
  if (mac->is_zero())
    return Invalid{quoted + " is no device's MAC address", "one that a device has, as in 02:00:5e:10:00:01"};
  return *mac;
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

Parsed<std::vector<base::Prefix>> parse_networks(std::string_view text) {
  if (text == "default") return std::vector{kEverybodyV4, kEverybodyV6};
  const auto prefix = base::Prefix::parse(text);
  if (!prefix)
    return Invalid{"'" + std::string(text) + "' is not an address or network", std::string(kNetworkForm)};
  if (*prefix != prefix->network())
    return Invalid{"'" + std::string(text) + "' has bits set behind its length",
                   prefix->network().to_string() + ", or another network"};
  return std::vector{*prefix};
}

Parsed<std::vector<base::DeviceMatch>> parse_match(std::string_view text) {
  using Matches = std::vector<base::DeviceMatch>;
  const std::string quoted = "'" + std::string(text) + "'";
  if (const auto mac = parse_mac(text, quoted)) {
    if (!*mac) return mac->invalid();
    return Matches{**mac};
  }
  if (text != "default" && !base::Prefix::parse(text))
    return Invalid{quoted + " is not an address or network", std::string(kMatchForm)};
  const auto networks = parse_networks(text);
  if (!networks) return networks.invalid();
  return Matches(networks->begin(), networks->end());
}

std::string match_text(const std::vector<base::DeviceMatch>& matches) {
  if (matches.empty()) return {};
  return matches.size() > 1 ? "default" : base::to_string(matches.front());
}

Parsed<DeviceChange> change_of(const DeviceOptions& device, const std::vector<Profile>& profiles) {
  DeviceChange change{device.profile, {}, {}, device.backend};
  if (!device.profile.empty()) {
    const auto profile = find_profile(device.profile, profiles);
    if (!profile) return profile.invalid();
    return DeviceChange{device.profile, profile->down, profile->up, device.backend};
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
