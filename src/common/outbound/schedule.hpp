// Which path takes the next packet: weighted round robin over the paths that are up and big enough, or by
// mode. Stands between classify and seal. Reads the path table, changes nothing in it; its own state is the
// round's credit. Invariant: never returns a path that is not usable; a backup path only when no other is.
// Reasons: docs/architecture.md, "Scheduling".
#pragma once

#include <array>
#include <cstdint>
#include <span>

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

// The paths a packet goes to: none, one, or in redundant mode several.
class Choice {
 public:
  void add(link::Path& path) { paths_[count_++] = &path; }
  std::span<link::Path* const> paths() const { return std::span(paths_).first(count_); }
  bool empty() const { return count_ == 0; }

 private:
  std::array<link::Path*, base::kMaxPaths> paths_{};
  std::size_t count_ = 0;
};

class Scheduler {
 public:
  explicit Scheduler(Mode mode) : mode_(mode) {}
  Mode mode() const { return mode_; }
  // The path or paths for an inner packet of `inner_size` bytes. Empty: no path is up, or none is big enough;
  // any_usable() tells which.
  Choice choose(std::span<link::Path* const> paths, base::FlowBucket bucket, base::Bytes inner_size);

  // The largest inner packet that a path in use takes whole; zero when none is up.
  base::Bytes largest_in_use(std::span<link::Path* const> paths) const;

 private:
  Choice candidates(std::span<link::Path* const> paths, base::Bytes inner_size) const;
  link::Path& next_by_weight(std::span<link::Path* const> paths, base::Bytes size);

  Mode mode_;
  std::array<std::int64_t, base::kMaxPaths> credit_{};
  std::size_t turn_ = 0;
};

// Does any path take packets at all?
bool any_usable(std::span<link::Path* const> paths);

// The largest inner packet that this path carries whole.
base::Bytes largest_inner(const link::Path& path);

}  // namespace sennit::outbound
