#include "sim/reorder_tolerance.hpp"

#include <algorithm>

namespace sennit::sim {

namespace {

constexpr std::uint64_t kMostDistance = 300;
constexpr std::int64_t kMostQuarters = 255;
constexpr unsigned kPersistence = 16;  // recoveries

}  // namespace

void ReorderTolerance::note_reordering(std::uint64_t distance) {
  if (distance == 0) return;
  is_seen_ = true;
  distance_ = std::clamp(distance, distance_, kMostDistance);
}

void ReorderTolerance::note_duplicate(std::uint64_t lowest, std::uint64_t segments_end) {
  is_seen_ = true;
  recoveries_left_ = kPersistence;
  if (lowest < round_end_) return;
  round_end_ = segments_end;
  quarters_ = std::min(quarters_ + 1, kMostQuarters);
}

void ReorderTolerance::note_recovered() {
  if (recoveries_left_ > 0 && --recoveries_left_ == 0) quarters_ = 1;
}

base::Duration ReorderTolerance::window(bool is_recovering, std::uint64_t delivered_above,
                                        base::Duration least_rtt, base::Duration smoothed_rtt) const {
  if (!is_seen_ && (is_recovering || delivered_above >= distance_)) return {};
  return std::min(least_rtt / 4 * quarters_, smoothed_rtt);
}

}  // namespace sennit::sim
