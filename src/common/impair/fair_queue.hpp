// Flows take turns by deficit round robin, new ones first; each flow is managed by CoDel (fq_codel, RFC 8290)
// or not at all (the fairness of SFQ). When the queue is full, the longest flow loses its head.
// Unlike RFC 8290 a flow's CoDel state is forgotten when the flow leaves the rounds, so that an idle queue
// costs nothing. Invariant: a flow is in one of the two rounds while it has packets.
#pragma once

#include <cstdint>
#include <vector>

#include "impair/codel.hpp"
#include "impair/pool.hpp"

namespace sennit::impair {

// What manages each flow.
enum class FlowManagement : std::uint8_t { kNone, kCoDel };

class FairQueue {
 public:
  static constexpr std::uint32_t kBuckets = 1024;

  explicit FairQueue(FlowManagement management) : management_(management) {}
  void push(PacketPool& pool, NodeId id);
  // The next packet at `now`; kNoNode when none is left. What is dropped on the way goes to `dropped`.
  NodeId pop(const CoDelParameters& parameters, PacketPool& pool, base::Instant now, NodeList& dropped);
  // Takes the oldest packet of the flow with most bytes; the queue is not empty.
  NodeId pop_longest(PacketPool& pool);

 private:
  using Slot = std::uint16_t;
  static constexpr Slot kNone = 0xFFFF;
  static constexpr std::int32_t kQuantum = 1514;

  struct Flow {
    Backlog backlog;
    CoDel codel;
    std::int32_t deficit = kQuantum;
    Slot next = kNone;
  };
  // Flows one behind another.
  struct Round {
    Slot first = kNone;
    Slot last = kNone;
  };

  Slot slot_of(std::uint32_t bucket);
  Slot open(std::uint32_t bucket);
  void close(Slot slot);
  void append(Round& round, Slot slot);
  Slot remove_first(Round& round);
  NodeId take(const CoDelParameters& parameters, PacketPool& pool, base::Instant now, NodeList& dropped,
              Flow& flow);

  FlowManagement management_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> buckets_;  // of each slot; kBuckets: free
  std::size_t open_ = 0;
  Round fresh_;
  Round old_;
};

}  // namespace sennit::impair
