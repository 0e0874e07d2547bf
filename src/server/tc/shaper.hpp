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

#include "base/address.hpp"
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
  base::Prefix match;                              // its first
  std::array<std::optional<LaneCounts>, 2> lanes;  // by side; none: not impaired
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
  // Makes a device of these prefixes, at least one, known by the first.
  void add(std::span<const base::Prefix> matches);
  // The impairment of what leaves by this side for a device that is known; none: no more. Throws base::Error.
  void impair(const base::Prefix& match, Side side, const std::optional<impair::Settings>& settings,
              base::Instant now);
  // Forgets the device; what is on its way still comes out.
  void remove(const base::Prefix& match, base::Instant now);
  // Forgets it when all that is on its way is out; what comes until then waits behind it, and no longer.
  void let_go(const base::Prefix& match);

  // Makes again what went with an interface that was deleted, where it is there again; true: it was. Its
  // counts begin anew. Throws base::Error where something is refused.
  bool restore();

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
    std::vector<base::Prefix> matches;
    std::array<std::optional<Lane>, 2> lanes;  // by side
    bool is_leaving = false;                   // it goes when its lanes are empty
  };

  void switch_off_offloads(Side side);
  Tree& tree(Side side) { return side == Side::kLan ? lan_ : wan_; }
  void set_lane(Device& device, Side side, const LanePlan& plan, base::Instant now);
  void clear_lane(Device& device, Side side, base::Instant now);
  void forget_drained(base::Instant now);
  void mark(const Device& device, Side side, std::optional<ClassId> id, std::optional<ClassId> before);

  io::Journal& journal_;
  Capabilities capabilities_;
  io::Nftables nftables_;
  Marking marking_;
  Tree lan_;
  Tree wan_;
  io::Change table_;
  std::array<std::optional<io::OffloadOverride>, 2> offloads_;  // by side
  std::map<base::Prefix, Device> devices_;
};

}  // namespace sennit::server::tc
