// Packets on their way, by the time at which each arrives. Last stage of a chain.
// Those that come in order of release, which is nearly all, are a list; those that overtake are a heap.
// Invariant: pop() returns the least release time, and of equal ones the packet that came first.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "impair/pool.hpp"

namespace sennit::impair {

// Whether a packet will leave before one that came earlier.
enum class Placed : std::uint8_t { kBehind, kOvertakes };

class DelayLine {
 public:
  // Adds a packet that leaves at `release`.
  Placed push(PacketPool& pool, NodeId id, base::Instant release);
  // The packet that leaves next; the line is not empty.
  NodeId pop(PacketPool& pool);
  bool empty() const { return packets_ == 0; }
  std::uint32_t packets() const { return packets_; }
  // When the next packet leaves, and when the last; the line is not empty.
  base::Instant next_release(const PacketPool& pool) const { return pool[next(pool)].release; }
  base::Instant last_release(const PacketPool& pool) const { return pool[in_order_.back()].release; }

 private:
  struct Early {
    base::Instant release;
    std::uint32_t sequence;
    NodeId id;
  };
  // Heap order: the earliest on top.
  static bool is_later(const Early& a, const Early& b);
  bool is_early_next(const PacketPool& pool) const;
  NodeId next(const PacketPool& pool) const {
    return is_early_next(pool) ? early_.front().id : in_order_.front();
  }

  NodeList in_order_;
  std::vector<Early> early_;
  std::uint32_t packets_ = 0;
};

}  // namespace sennit::impair
