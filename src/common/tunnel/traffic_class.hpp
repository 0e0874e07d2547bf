// A class of traffic of a peer: how its packets are spread, over which links, and where those wait that share
// a queue. The first class of a peer is what no policy matches. Peer writes the order of the stages; this
// only holds together what belongs to one class. Invariant: a class takes part in no link but its own while
// one of those is up.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "link/path.hpp"
#include "outbound/fair_queue.hpp"
#include "outbound/policy.hpp"
#include "outbound/schedule.hpp"

namespace sennit::tunnel {

class TrafficClass {
 public:
  // `links`: by name; empty: all.
  TrafficClass(outbound::ClassId class_id, outbound::Mode mode, std::vector<std::string> links);

  // Takes note of the paths as they are (outbound::Scheduler).
  void survey(std::span<link::Path* const> paths);
  // May what waits in `queue` go over this path?
  bool waits_for(const link::Path& path) const;

  const outbound::ClassId id;
  outbound::Scheduler scheduler;
  std::unique_ptr<outbound::FairQueue> queue;  // mode aggregate; made when a packet has to wait

 private:
  bool is_own(const link::Path& path) const;

  std::vector<std::string> links_;
};

}  // namespace sennit::tunnel
