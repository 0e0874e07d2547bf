// CoDel (RFC 8289): drops, or marks, at the head of a queue whose packets wait longer than `target` for at
// least `interval`. One object a queue; fq_codel has one a flow.
// Decides at dequeue, on a list that its owner keeps. Invariant: a queue of one packet is left alone.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"
#include "impair/pool.hpp"

namespace sennit::impair {

// Packets that are ECN-capable are marked instead of dropped, or not.
enum class Marking : std::uint8_t { kOff, kOn };

struct CoDelParameters {
  base::Duration target = std::chrono::milliseconds(5);
  base::Duration interval = std::chrono::milliseconds(100);
  Marking marking = Marking::kOn;
  // The target is at least what a full packet and its successor's cell take at `rate`, as in sqm-scripts.
  static CoDelParameters for_rate(base::BitRate rate, Marking marking);
};

// Waiting packets and how many bytes they have on the wire.
struct Backlog {
  NodeList list;
  std::uint64_t bytes = 0;
  void push(PacketPool& pool, NodeId id);
  NodeId pop(PacketPool& pool);
};

class CoDel {
 public:
  // Takes the next packet off the backlog at `now`; kNoNode when it is empty. What is dropped on the way goes
  // to `dropped`.
  NodeId pop(const CoDelParameters& parameters, PacketPool& pool, Backlog& backlog, base::Instant now,
             NodeList& dropped);

 private:
  struct Head {
    NodeId id;
    bool may_drop;
  };
  Head take(const CoDelParameters& parameters, PacketPool& pool, Backlog& backlog, base::Instant now);
  // Drops the head and takes the next, or marks the head and keeps it.
  Head punish(const CoDelParameters& parameters, PacketPool& pool, Backlog& backlog, base::Instant now,
              NodeList& dropped, Head head);
  base::Instant next_drop(base::Instant from, base::Duration interval) const;
  void start_dropping(const CoDelParameters& parameters, base::Instant now);

  base::Instant first_above_ = base::Instant::min();  // min: the wait is not above the target
  base::Instant drop_next_ = base::Instant::min();
  std::uint32_t count_ = 0;
  std::uint32_t last_count_ = 0;
  bool is_dropping_ = false;
};

// Sets Congestion Experienced where the packet is ECN-capable and marking is on.
bool mark(Node& node, Marking marking);

}  // namespace sennit::impair
