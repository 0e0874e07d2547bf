#include "api/device_table.hpp"

#include "api/aligned.hpp"
#include "api/table.hpp"

namespace sennit::api {

namespace {

std::string options_of(const std::optional<DirectionStatus>& direction) {
  if (!direction) return "-";
  return direction->options.empty() ? "nothing" : direction->options;
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

std::string percent(double share) {
  constexpr int kDigits = 3;
  return decimal(share * 100, kDigits) + "%";
}

std::string milliseconds(base::Duration duration) {
  constexpr int kDigits = 2;
  return decimal(base::to_milliseconds(duration), kDigits) + " ms";
}

std::string direction_text(std::string_view name, const std::optional<DirectionStatus>& direction) {
  std::string text = std::string(name) + ": " + options_of(direction) + "\n";
  if (!direction) return text;
  const auto& achieved = direction->achieved;
  text += "  delivered " + std::to_string(achieved.packets) + " of " + std::to_string(achieved.offered) +
          " packets, " + rate_text(achieved.rate) + "bit/s now\n";
  text += "  delay " + milliseconds(achieved.delay) + " mean\n";
  text += "  lost " + std::to_string(achieved.lost) + ", in outages " +
          std::to_string(achieved.outage_drops) + ", by the queue " + std::to_string(achieved.queue_drops) +
          " (" + std::to_string(achieved.aqm_drops) + " by AQM), marked " + std::to_string(achieved.marked) +
          "\n";
  text += "  corrupted " + std::to_string(achieved.corrupted) + ", duplicated " +
          std::to_string(achieved.duplicated) + ", reordered " + std::to_string(achieved.reordered) + "\n";
  for (const auto& [what, share] : achieved.shares)
    text += "  " + what + " " + percent(share.share) + ", 99 % sure: " + percent(share.low) + " to " +
            percent(share.high) + "\n";
  return text;
}

}  // namespace

std::string to_table(const std::vector<DeviceStatus>& devices) {
  std::vector<Row> rows{{"name", "match", "profile", "expires", "down", "up"}};
  for (const auto& device : devices) {
    rows.push_back({device.name, device.match, or_dash(device.profile),
                    device.expires ? "in " + age_text(*device.expires) : "-", options_of(device.down),
                    options_of(device.up)});
  }
  return aligned(rows, "");
}

std::string to_text(const DeviceStatus& device) {
  std::string text = device.name + " (" + device.match + ")";
  if (!device.profile.empty()) text += ", profile " + device.profile;
  if (device.expires) text += ", for another " + age_text(*device.expires);
  text += "\n" + direction_text("down", device.down) + direction_text("up", device.up);
  return device.filters.empty() ? text : text + to_table(device.filters);
}

std::string to_table(const std::vector<ProfileStatus>& profiles) {
  std::vector<Row> rows{{"name", "down", "up"}};
  for (const auto& profile : profiles)
    rows.push_back({profile.name, or_dash(profile.down), or_dash(profile.up)});
  return aligned(rows, "");
}

std::string to_text(const ProfileStatus& profile) {
  return profile.name + "\ndown: " + or_dash(profile.down) + "\nup: " + or_dash(profile.up) +
         "\nsource: " + or_dash(profile.source) + "\n";
}

}  // namespace sennit::api
