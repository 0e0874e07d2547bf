// Three bands, the higher one always first, chosen by the packet's DSCP as pfifo_fast does by its ToS.
// When the queue is full, the lowest band loses its head, if it is lower than the newcomer's.
// Invariant: a packet never waits for one of a lower band.
#pragma once

#include <array>
#include <cstdint>

#include "impair/codel.hpp"
#include "impair/pool.hpp"

namespace sennit::impair {

class PriorityBands {
 public:
  static constexpr std::size_t kBands = 3;
  // 0 for what is urgent (EF, CS4 and above, ToS low delay), 2 for bulk (CS1, LE, ToS throughput), else 1.
  static std::size_t band_of(Dscp dscp);

  void push(PacketPool& pool, NodeId id) { bands_[band_of(pool[id].packet.dscp)].push(pool, id); }
  // The next packet; kNoNode when none is left.
  NodeId pop(PacketPool& pool);
  // The lowest band that has packets; 0 when none has.
  std::size_t lowest() const;
  // Takes the oldest packet of the lowest band that has any; the queue is not empty.
  NodeId pop_lowest(PacketPool& pool);

 private:
  std::array<Backlog, kBands> bands_;
};

}  // namespace sennit::impair
