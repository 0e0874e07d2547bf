// Which path takes the next packet: weighted round robin over the paths that are up and big enough, or by
// mode. Stands between split and seal. Reads the path table, changes nothing in it; its own state is the
// round's credit and its survey of the paths. Invariant: never returns a path that is not usable; a backup
// path only when no other is. Reasons: docs/architecture.md, "Scheduling".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/units.hpp"
#include "link/path.hpp"

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
  explicit Scheduler(Mode mode) : mode_(mode) {}
  Mode mode() const { return mode_; }

  // Takes note of the paths as they are. To be called when any may have changed, before what follows; so a
  // packet's cost does not grow with the number of paths.
  void survey(std::span<link::Path* const> paths);

  // Does any path take packets at all?
  bool has_usable() const { return count_ > 0; }
  // The largest inner packet that a path in use takes whole; zero when none is up.
  base::Bytes largest_in_use() const { return largest_; }
  // The path, or in redundant mode the paths, for an inner packet of `inner_size` bytes, one of a burst of so
  // many that came at once: its neighbours keep it company on a path, since runs are cheaper to send. Valid
  // until the next call. Empty: no path is up, or none is big enough.
  std::span<link::Path* const> choose(base::FlowBucket bucket, base::Bytes inner_size, base::Bytes burst);

 private:
  static constexpr std::uint8_t kNoHome = 0xFF;

  struct Candidate {
    link::Path* path = nullptr;
    base::Bytes largest;  // inner packet
    double weight = 1;    // 1: that of the mean
  };

  std::span<const Candidate> in_use() const { return std::span(in_use_).first(count_); }
  std::span<const Candidate> fitting(base::Bytes inner_size);
  void weigh();
  void note_changed_paths();
  link::Path* home_of(base::FlowBucket bucket, std::span<const Candidate> candidates);
  link::Path* next_by_weight(std::span<const Candidate> candidates, base::Bytes size, base::Bytes burst);

  Mode mode_;
  std::array<Candidate, base::kMaxPaths> in_use_;
  std::size_t count_ = 0;
  base::Bytes largest_;
  base::Bytes smallest_;  // what every path in use takes
  std::array<Candidate, base::kMaxPaths> fitting_;
  std::array<link::Path*, base::kMaxPaths> chosen_{};
  std::vector<std::uint8_t> homes_;  // mode flow: by bucket, the place in in_use_ of its path, or kNoHome
  std::uint32_t homes_paths_ = 0;    // bit i: path i was in use when homes_ was begun
  std::array<std::int64_t, base::kMaxPaths> credit_{};
  std::size_t turn_ = 0;
};

// The largest inner packet that this path carries whole.
base::Bytes largest_inner(const link::Path& path);

}  // namespace sennit::outbound
