#include "outbound/transmit_queue.hpp"

#include <algorithm>

namespace sennit::outbound {

namespace {
// What one sendmsg with UDP_SEGMENT takes: 64 segments, 65,507 bytes.
constexpr std::size_t kMaxRunSegments = 64;
constexpr std::size_t kMaxRunBytes = 65'507;
// Small, since a gateway may have a route for each of thousands of peers; an arena in use grows and stays.
constexpr std::size_t kFirstArenaSize = 2'048;
}  // namespace

TransmitQueue::Arena& TransmitQueue::arena_of(const base::Route& route) {
  if (last_ < used_ && arenas_[last_].route == route) return arenas_[last_];
  const auto begin = arenas_.begin();
  const auto end = begin + static_cast<std::ptrdiff_t>(used_);
  const auto found = std::find_if(begin, end, [&](const Arena& arena) { return arena.route == route; });
  last_ = static_cast<std::size_t>(found - begin);
  if (last_ == used_) {
    if (used_ == arenas_.size()) arenas_.emplace_back().bytes.resize(kFirstArenaSize);
    ++used_;
    arenas_[last_].route = route;
    arenas_[last_].length = 0;
    arenas_[last_].runs.clear();
  }
  return arenas_[last_];
}

base::ByteSpan TransmitQueue::reserve(const base::Route& route, std::size_t size) {
  if (drained_) {
    used_ = 0;
    drained_ = false;
  }
  Arena& arena = arena_of(route);
  if (arena.length + size > arena.bytes.size()) arena.bytes.resize(2 * (arena.length + size));
  const bool joins = !arena.runs.empty() && !arena.runs.back().is_closed &&
                     size <= arena.runs.back().segment_size &&
                     arena.runs.back().length + size <= kMaxRunBytes &&
                     arena.runs.back().length / arena.runs.back().segment_size < kMaxRunSegments;
  if (!joins) arena.runs.push_back({arena.length, 0, size, false});
  Run& run = arena.runs.back();
  run.is_closed = size < run.segment_size;
  run.length += size;
  const auto room = base::ByteSpan(arena.bytes).subspan(arena.length, size);
  arena.length += size;
  return room;
}

std::span<const base::Transmit> TransmitQueue::drain() {
  transmits_.clear();
  if (drained_) return transmits_;
  drained_ = true;
  for (const Arena& arena : std::span(arenas_).first(used_)) {
    for (const Run& run : arena.runs) {
      transmits_.push_back(
          {arena.route, base::ConstByteSpan(arena.bytes).subspan(run.offset, run.length), run.segment_size});
    }
  }
  return transmits_;
}

}  // namespace sennit::outbound
