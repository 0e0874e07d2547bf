// The devices of a running endpoint: who they are, what is set for them, until when. Pure: time is an
// argument, and nothing is applied or saved here; `Devices` does both with what these functions return. What
// is set while running wins over the configuration file until it expires or is cleared, and over a restart as
// long as the file's entry for the device stays as it was. Invariant: names and first matches are each used
// once; a refused change changes nothing.
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

namespace sennit::shell {

struct Device {
  std::string name;
  std::vector<base::DeviceMatch> matches;
  std::string profile;                   // empty: none
  std::optional<impair::Settings> down;  // none: not impaired
  std::optional<impair::Settings> up;
  std::optional<base::WallTime> expires;        // none: until it is changed
  std::optional<config::Shaping> backend = {};  // none: the endpoint's own
};

// A device as it is kept over a restart: text, so that any version can read it.
struct StoredDevice {
  std::string match;
  std::string profile;
  std::string down;
  std::string up;
  std::optional<base::WallTime> expires;
  std::string configured;    // what the file said of it then; empty: nothing
  std::string backend = {};  // empty: the endpoint's own
  bool operator==(const StoredDevice&) const = default;
};

class DeviceBook {
 public:
  // The devices of the configuration, which has been validated, and its own profiles.
  DeviceBook(const std::vector<config::DeviceOptions>& configured, const std::vector<config::Profile>& own);

  // What an earlier run left; entries that no longer hold are left out. Gives a sentence for each one that
  // ought to have worked.
  std::vector<std::string> restore(const std::vector<StoredDevice>& stored, base::WallTime now);

  // A device as set() will have it.
  struct Plan {
    Device device;
    StoredDevice stored;
  };
  // What a change of a device comes to; an address or prefix may be a new one. Throws UsageError for unknown
  // names and profiles.
  Plan plan(const std::string& name, const config::DeviceChange& change,
            std::optional<base::Duration> duration, base::WallTime now) const;
  // Has the device so from now on.
  void set(const Plan& plan);
  // Impairs it no more. The devices that changed: none where an address or prefix was no device.
  std::vector<Device> clear(const std::string& name);
  std::vector<Device> clear_all();
  // The devices whose time is over, as they are from now on.
  std::vector<Device> expire(base::WallTime now);
  std::optional<base::WallTime> next_expiry() const;
  // By name or match; unknown ones throw UsageError.
  const Device& find(const std::string& name) const;
  // Likewise; and of what may be a device, but is none.
  base::DeviceMatch match_of(const std::string& name) const;
  std::vector<Device> all() const;
  // Whether the device is to be remembered, and as what; none: the file says it all.
  std::optional<StoredDevice> stored(const Device& device) const;
  bool knows(const base::DeviceMatch& match) const { return entries_.contains(match); }
  const std::vector<config::Profile>& profiles() const { return profiles_; }

 private:
  struct Entry {
    Device device;
    std::shared_ptr<const Device> configured;  // as the file has it; none: it has not
    std::string configured_text;
    bool is_changed = false;  // differs from what the file has
  };

  const Entry* find_entry(const std::string& name) const;
  std::vector<base::DeviceMatch> matches_of(const std::string& name) const;
  config::DeviceChange resolve(const config::DeviceChange& change) const;
  void note_expiry(const base::DeviceMatch& match, const std::optional<base::WallTime>& before,
                   const std::optional<base::WallTime>& after);
  // Back to what the file says; without an entry there, gone. Gives the device as it is then.
  Device reset(std::map<base::DeviceMatch, Entry>::iterator entry);

  std::vector<config::Profile> profiles_;
  std::map<base::DeviceMatch, Entry> entries_;                       // by the first match
  std::set<std::pair<base::WallTime, base::DeviceMatch>> expiries_;  // of all entries that have one
  std::map<std::string, base::DeviceMatch>
      names_;  // of the file's devices; the others are named by their match
};

}  // namespace sennit::shell
