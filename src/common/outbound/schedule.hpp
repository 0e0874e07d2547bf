// Which path takes the next packet, and whether now. Mode aggregate: the path on which it arrives first, its
// queue, pacing and one-way delay counted; flows that send little on the quickest path. Stands between the
// queue and seal. Reads the path table, changes nothing in it. Invariant: never returns a path that is not
// usable; a backup path, but in mode redundant, only when no other is, and then the cheapest; a dearer one
// only while the cheaper are saturated. Reasons: docs/scheduling.md.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "link/path.hpp"
#include "outbound/fair_queue.hpp"
#include "outbound/flow_history.hpp"

namespace sennit::outbound {

// How packets are spread over paths (the interface's MODE).
enum class Mode : std::uint8_t {
  kAggregate,  // packet by packet
  kFlow,       // each flow keeps to one path
  kRedundant,  // every packet on every path
  kFailover,   // the first path that is up
};

class Scheduler {
 public:
  // A path whose packets would arrive later than the quickest path's by more than this takes none.
  static constexpr base::Duration kHorizon = std::chrono::milliseconds(150);
  // So much is given to a path ahead of its time, so that it never idles between two wake-ups.
  static constexpr base::Duration kAhead = std::chrono::milliseconds(2);

  explicit Scheduler(Mode mode) : mode_(mode) {}
  Mode mode() const { return mode_; }

  // Takes note of the paths as they are. To be called when any may have changed, before what follows; so a
  // packet's cost does not grow with the number of paths.
  void survey(std::span<link::Path* const> paths);

  // Is this path among those that take packets?
  bool uses(const link::Path& path) const;
  // Does any path take packets at all?
  bool has_usable() const { return count_ > 0; }
  // The largest inner packet that a path in use takes whole; zero when none is up.
  base::Bytes largest_in_use() const { return largest_; }
  // A packet of this flow is going to be sent: by what a flow sends it is told what suits it.
  void note_sent(base::FlowBucket bucket, base::Bytes inner_size, base::Instant now);
  // The path, or in redundant mode the paths, for an inner packet of `inner_size` bytes. Valid until the next
  // call. Empty: no path is up, or none is big enough.
  std::span<link::Path* const> choose(base::FlowBucket bucket, base::Bytes inner_size, Pace pace,
                                      base::Instant now);
  // Mode aggregate: the path that would suit a packet, whatever its flow; nullptr: none.
  link::Path* next_path(base::Bytes inner_size, Pace pace, base::Instant now);
  // Mode aggregate: may that path be given one more bulk packet now? Otherwise it does better to wait in the
  // queue.
  bool has_room(const link::Path& path, base::Instant now) const;

 private:
  static constexpr std::uint8_t kNoHome = 0xFF;

  struct Candidate {
    link::Path* path = nullptr;
    base::Bytes largest;       // inner packet
    base::Duration transit{};  // from its wire's end to the other end, as far as paths can be compared
  };

  std::span<const Candidate> in_use() const { return std::span(in_use_).first(count_); }
  void note_transits();
  void leave_out_late();
  void note_extremes();
  void note_changed_paths();
  link::Path* home_of(base::FlowBucket bucket, base::Bytes inner_size);
  const Candidate* find(base::PathId path) const;
  link::Path* path_of_flow(base::FlowBucket bucket, base::Bytes inner_size, Pace pace, base::Instant now);
  bool is_saturated(base::Instant now) const;
  static base::Duration backlog(const link::Path& path, base::Instant now);
  bool is_dispensable(const Candidate& candidate, base::Bytes inner_size, base::Instant now) const;
  base::Duration arrival(const Candidate& candidate, base::Bytes size, Pace pace, base::Instant now) const;

  Mode mode_;
  std::array<Candidate, base::kMaxPaths> in_use_;
  std::size_t count_ = 0;
  base::Bytes largest_;
  const link::Path* quickest_ = nullptr;  // the one of the shortest transit
  std::uint32_t least_cost_ = 0;
  base::Duration latest_{};  // when a packet arrives over the slowest path that takes part
  std::array<link::Path*, base::kMaxPaths> chosen_{};
  std::vector<std::uint8_t> homes_;  // mode flow: by bucket, the place in in_use_ of its path, or kNoHome
  std::uint32_t homes_paths_ = 0;    // bit i: path i was in use when homes_ was begun
  const link::Path* last_ = nullptr;
  FlowHistory history_;  // mode aggregate
};

// The largest inner packet that this path carries whole.
base::Bytes largest_inner(const link::Path& path);

}  // namespace sennit::outbound
