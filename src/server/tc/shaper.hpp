// The devices' impairment as the kernel does it: a tree a side, a table of marks, and which device has which
// classes. What `device set` speaks to where shaping is by tc.
// Owner of everything that it puts into the kernel, through its trees and the journal.
// Invariant: packets of a device go to the classes of its last settings; a refused change changes nothing.
// Reasons: docs/shaping.md.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/device_match.hpp"
#include "base/traffic.hpp"
#include "impair/settings.hpp"
#include "io/nftables.hpp"
#include "io/offload_override.hpp"
#include "server/tc/marking.hpp"
#include "server/tc/probe.hpp"
#include "server/tc/tree.hpp"

namespace sennit::server::tc {

// Between which interfaces devices are shaped.
struct Place {
  std::string lan;  // where the devices are
  std::string wan;  // where the rest of the world is
  ForeignRoot foreign = ForeignRoot::kRefuse;
};

// What one direction of a device has done since its settings were made.
struct LaneCounts {
  base::TrafficCounter sent;
  ClassCounts kernel;
  bool has_loss = false;  // so that its drops are not all the queue's
};

struct DeviceCounts {
  base::DeviceMatch match;
  std::array<std::optional<LaneCounts>, 2> lanes;  // by side; none: not impaired
  std::vector<base::Prefix> addresses;
};

class Shaper {
 public:
  // Throws base::Error where something is refused. `journal` outlives it.
  Shaper(io::Journal& journal, const Place& place);
  Shaper(const Shaper&) = delete;
  Shaper& operator=(const Shaper&) = delete;
  ~Shaper();

  // Why these settings cannot be had from this kernel's tc; empty: they can.
  std::string refusal(const impair::Settings& settings) const;
  // Makes a device, if it is not known yet.
  void add(const base::DeviceAddresses& device);
  // Other addresses for known devices, in one transaction. Throws base::Error, and then nothing has changed.
  void move_addresses(std::span<const base::DeviceAddresses> devices);
  // The impairment of what leaves by this side for a device that is known; none: no more. Throws base::Error.
  void impair(const base::DeviceMatch& match, Side side, const std::optional<impair::Settings>& settings,
              base::Instant now);
  // Forgets the device; what is on its way still comes out.
  void remove(const base::DeviceMatch& match, base::Instant now);
  // Forgets it when all that is on its way is out; what comes until then waits behind it, and no longer.
  void let_go(const base::DeviceMatch& match);

  // Sees to it that shaping goes on where an interface was renamed, or deleted and is there again, when its
  // counts begin anew. Says what happened; empty: nothing. Throws base::Error where something is refused.
  std::string follow();

  // Reads what was sent, and deletes what is empty; once a second, so that rates are those of seconds.
  void poll(base::Instant now);
  // As of the last poll().
  std::vector<DeviceCounts> counts() const;
  const Capabilities& capabilities() const { return capabilities_; }
  // Receive offloads that could not be switched off, as "eth0: rx-gro-hw"; empty: none.
  std::string offloads_left_on() const;

 private:
  struct Lane {
    ClassId id;
    LaneCounts counts;
    ClassCounts last;    // what the kernel had counted at the last poll
    ClassCounts before;  // and when the settings were made
    LanePlan plan;
  };
  struct Device {
    std::vector<base::Prefix> addresses;
    std::array<std::optional<Lane>, 2> lanes;  // by side
    bool is_leaving = false;                   // it goes when its lanes are empty
  };

  // What the devices had before, and the commands that make it so.
  struct Swapped {
    std::vector<base::DeviceAddresses> before;
    std::string commands;
  };
  enum class Marks : std::uint8_t { kGiven, kTaken };

  std::string run(const std::string& commands);
  void switch_off_offloads(Side side);
  void resume(Side side);
  Tree& tree(Side side) { return side == Side::kLan ? lan_ : wan_; }
  void set_lane(Device& device, Side side, const LanePlan& plan, base::Instant now);
  void clear_lane(Device& device, Side side, base::Instant now);
  void forget_drained(base::Instant now);
  void mark(const Device& device, Side side, std::optional<ClassId> id, std::optional<ClassId> before);
  // Commands after which the device's packets have the marks of its lanes, or none.
  std::string mark_lanes(const Device& device, Marks marks);
  Swapped swap_addresses(std::vector<base::DeviceAddresses> devices);

  io::Journal& journal_;
  Capabilities capabilities_;
  io::Nftables nftables_;
  Tree lan_;
  Tree wan_;
  Marking marking_;
  io::Change table_;
  std::array<std::optional<io::OffloadOverride>, 2> offloads_;  // by side
  std::map<base::DeviceMatch, Device> devices_;
};

}  // namespace sennit::server::tc
