// How long a TCP sender waits for a segment that others have overtaken, before it takes it for lost: RACK
// (RFC 8985) with the reordering window of Linux. Used by BulkSender.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace sennit::sim {

class ReorderTolerance {
 public:
  // An unrepeated segment came so far below the highest.
  void note_reordering(std::uint64_t distance);
  // A repetition was in vain; counts once a round trip.
  void note_duplicate(std::uint64_t lowest, std::uint64_t segments_end);
  void note_recovered();
  // Beyond the round trip of the newest delivered segment.
  base::Duration window(bool is_recovering, std::uint64_t delivered_above, base::Duration least_rtt,
                        base::Duration smoothed_rtt) const;

 private:
  bool is_seen_ = false;
  std::uint64_t distance_ = 3;
  std::int64_t quarters_ = 1;  // of the least RTT
  unsigned recoveries_left_ = 0;
  std::uint64_t round_end_ = 0;
};

}  // namespace sennit::sim
