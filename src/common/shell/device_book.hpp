// The devices of a running endpoint: who they are, what is set for them, until when. Pure: time is an
// argument, and nothing is applied or saved here; `Devices` does both with what these functions return. What
// is set while running wins over the configuration file until it is cleared, and over a restart as long as
// the file's entry for the device stays as it was; what is set for a while wins over both. Invariant: names
// and first matches are each used once; a refused change changes nothing.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/device_match.hpp"
#include "base/time.hpp"
#include "config/device_options.hpp"
#include "shell/device_settings.hpp"

namespace sennit::shell {

// A device as it is at present.
struct Device {
  std::string name;
  std::vector<base::DeviceMatch> matches;
  std::string profile;                   // empty: none that both directions are of
  std::optional<impair::Settings> down;  // none: not impaired
  std::optional<impair::Settings> up;
  std::optional<base::WallTime> expires;        // when the first of it ends; none: until it is changed
  std::optional<config::Shaping> backend = {};  // none: the endpoint's own
};

// What is set for a while, as it is kept over a restart.
struct StoredTemporary {
  std::string part;     // "down", "up" or "backend"
  std::string profile;  // empty: none
  std::string value;
  base::WallTime until;
  bool operator==(const StoredTemporary&) const = default;
};

// A device as it is kept over a restart, what lasts first: text, so that any version can read it.
struct StoredDevice {
  std::string match;
  std::string profile;
  std::string down;
  std::string up;
  std::optional<base::WallTime> expires;  // of all of it, by a version that knew no parts; none: it lasts
  std::string configured;                 // what the file said of it then; empty: nothing
  std::string backend = {};               // empty: the endpoint's own
  std::vector<StoredTemporary> temporary = {};  // one a part at most
  bool operator==(const StoredDevice&) const = default;
};

class DeviceBook {
  struct Entry {
    std::string name;
    std::vector<base::DeviceMatch> matches;
    DeviceSettings settings;
    std::shared_ptr<const DeviceSettings> configured;  // as the file has it; none: it has not
    std::string configured_text;
  };

 public:
  // The devices of the configuration, which has been validated, and its own profiles.
  DeviceBook(const std::vector<config::DeviceOptions>& configured, const std::vector<config::Profile>& own);

  // What an earlier run left; entries that no longer hold are left out. Gives a sentence for each one that
  // ought to have worked.
  std::vector<std::string> restore(const std::vector<StoredDevice>& stored, base::WallTime now);

  // A device as set() will have it.
  struct Plan {
    Device device;
    std::vector<device::Direction> directions;  // that are set
    StoredDevice stored;
    Entry before;
    Entry entry;
  };
  // A device of which something has ended.
  struct Ended {
    Device device;  // as it is from now on
    std::vector<device::Direction> directions;
  };
  // What a change of a device comes to; an address or prefix may be a new one. Throws UsageError for unknown
  // names and profiles.
  Plan plan(const std::string& name, const config::DeviceChange& change,
            std::optional<base::Duration> duration, base::WallTime now) const;
  // Has the device so from now on.
  void set(const Plan& plan);
  // Has it again as it was before; gives it as it is then.
  Device take_back(const Plan& plan);
  // Impairs it no more; nothing ends where an address or prefix was no device.
  std::vector<Ended> clear(const std::string& name);
  std::vector<Ended> clear_all();
  // As the file has it, and nothing else; none: it has no entry there, and is no device any more.
  std::optional<Device> reset(const Device& device);
  // What has ended by now: what held before holds again.
  std::vector<Ended> expire(base::WallTime now);
  std::optional<base::WallTime> next_expiry() const;
  // By name or match; unknown ones throw UsageError.
  Device find(const std::string& name) const;
  // Likewise; and of what may be a device, but is none.
  base::DeviceMatch match_of(const std::string& name) const;
  std::vector<Device> all() const;
  // Whether the device is to be remembered, and as what; none: the file says it all.
  std::optional<StoredDevice> stored(const Device& device) const;
  bool knows(const base::DeviceMatch& match) const { return entries_.contains(match); }
  const std::vector<config::Profile>& profiles() const { return profiles_; }

 private:
  const Entry* find_entry(const std::string& name) const;
  // Of a device that may be new.
  Entry entry_of(const std::string& name) const;
  Entry entry_of(const std::vector<base::DeviceMatch>& matches) const;
  std::vector<base::DeviceMatch> matches_of(const std::string& name) const;
  config::DeviceChange resolve(const config::DeviceChange& change) const;
  LaneSettings lane_of(const std::string& profile, const std::string& text,
                       device::Direction direction) const;
  void restore_device(const StoredDevice& stored, base::WallTime now);
  void restore_temporary(const StoredTemporary& stored, DeviceSettings& settings) const;
  // Has the entry in place of the one of this match; without anything set or configured, none.
  void put(Entry entry);
  static Device device_of(const Entry& entry);
  static StoredDevice to_stored(const Entry& entry, const DeviceSettings& settings);

  std::vector<config::Profile> profiles_;
  std::map<base::DeviceMatch, Entry> entries_;                       // by the first match
  std::set<std::pair<base::WallTime, base::DeviceMatch>> expiries_;  // the first of each entry that has one
  std::map<std::string, base::DeviceMatch>
      names_;  // of the file's devices; the others are named by their match
};

}  // namespace sennit::shell
