#include "shell/device_settings.hpp"

#include <algorithm>

namespace sennit::shell {

namespace {

using device::Direction;

const std::optional<impair::Settings>& of(const config::DeviceChange& change, Direction direction) {
  return direction == Direction::kDown ? change.down : change.up;
}

}  // namespace

Layered<LaneSettings>& DeviceSettings::lane(Direction direction) {
  return lanes[static_cast<std::size_t>(direction)];
}

const Layered<LaneSettings>& DeviceSettings::lane(Direction direction) const {
  return lanes[static_cast<std::size_t>(direction)];
}

void DeviceSettings::apply(const config::DeviceChange& change, const std::optional<base::WallTime>& until) {
  for (const auto direction : directions_of(change))
    lane(direction).set({change.profile, std::make_shared<const impair::Settings>(*of(change, direction))},
                        until);
  if (change.backend) backend.set(change.backend, until);
}

void DeviceSettings::unimpair() {
  lanes = {};
  backend.temporary.reset();
}

std::vector<Direction> DeviceSettings::expire(base::WallTime now) {
  std::vector<Direction> ended;
  for (const auto direction : device::kDirections)
    if (lane(direction).expire(now)) ended.push_back(direction);
  backend.expire(now);
  return ended;
}

std::optional<base::WallTime> DeviceSettings::next_expiry() const {
  std::optional<base::WallTime> next;
  const auto note = [&next](const auto& layered) {
    if (layered.temporary) next = std::min(next.value_or(layered.temporary->until), layered.temporary->until);
  };
  for (const auto& lane : lanes) note(lane);
  note(backend);
  return next;
}

bool DeviceSettings::is_blank() const {
  const auto is_unset = [](const auto& lane) { return !lane.temporary && !lane.lasting.impaired; };
  return std::ranges::all_of(lanes, is_unset) && !backend.temporary && !backend.lasting;
}

std::vector<Direction> directions_of(const config::DeviceChange& change) {
  std::vector<Direction> named;
  for (const auto direction : device::kDirections)
    if (of(change, direction)) named.push_back(direction);
  return named;
}

std::string common_profile(const LaneSettings& down, const LaneSettings& up) {
  return down.profile == up.profile ? down.profile : std::string();
}

}  // namespace sennit::shell
