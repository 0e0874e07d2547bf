// What is set for a device, direction by direction: what lasts, and what stands in its place for a while.
// A value of DeviceBook's. Pure: time is an argument. Invariant: when what was set for a while is over, what
// lasts holds again, and nothing else changes.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "config/device_options.hpp"
#include "device/direction.hpp"

namespace sennit::shell {

template <class Value>
struct Layered {
  struct Temporary {
    Value value;
    base::WallTime until;
  };

  const Value& current() const { return temporary ? temporary->value : lasting; }
  // For a while, in place of what was set for a while; or, without an end, in place of both.
  void set(Value value, const std::optional<base::WallTime>& until) {
    temporary.reset();
    if (until) {
      temporary = Temporary{std::move(value), *until};
    } else {
      lasting = std::move(value);
    }
  }
  // Whether something has ended by now.
  bool expire(base::WallTime now) {
    if (!temporary || temporary->until > now) return false;
    temporary.reset();
    return true;
  }

  Value lasting = {};
  std::optional<Temporary> temporary = {};
};

struct LaneSettings {
  std::string profile = {};                               // which they are a part of; empty: none
  std::shared_ptr<const impair::Settings> impaired = {};  // none: not impaired
};

struct DeviceSettings {
  std::array<Layered<LaneSettings>, 2> lanes = {};  // by direction
  Layered<std::optional<config::Shaping>> backend = {};

  Layered<LaneSettings>& lane(device::Direction direction);
  const Layered<LaneSettings>& lane(device::Direction direction) const;
  // A direction not named stays.
  void apply(const config::DeviceChange& change, const std::optional<base::WallTime>& until);
  // Neither direction any more, now or later.
  void unimpair();
  // The directions that are set otherwise from now on; `backend` may be another, too.
  std::vector<device::Direction> expire(base::WallTime now);
  std::optional<base::WallTime> next_expiry() const;
  // Whether nothing is set, now or later.
  bool is_blank() const;
};

// The directions that a change names.
std::vector<device::Direction> directions_of(const config::DeviceChange& change);

// The profile that both are parts of; empty: none.
std::string common_profile(const LaneSettings& down, const LaneSettings& up);

}  // namespace sennit::shell
