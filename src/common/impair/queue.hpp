// The queue in front of the line: a limit (time, bytes or packets) and a discipline.
// Second stage of order=link. A packet that comes to an empty queue is always taken, however small the limit.
// Invariant: packets() and bytes() count what push() has taken and neither pop() nor a drop has given back.
// Reasons: docs/impairment.md, "Queue".
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/time.hpp"
#include "base/units.hpp"
#include "impair/codel.hpp"
#include "impair/fair_queue.hpp"
#include "impair/pool.hpp"
#include "impair/priority_bands.hpp"

namespace sennit::impair {

// What is done with packets that wait.
enum class Aqm : std::uint8_t {
  kDropTail,       // in order; what does not fit is dropped
  kCoDel,          // RFC 8289
  kFqCodel,        // RFC 8290
  kFair,           // the fairness of SFQ, without CoDel
  kPriorityBands,  // by DSCP
};

// A number of packets.
struct Packets {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const Packets&) const = default;
};

// Without an alternative chosen, the default: 250 ms, but room for ten full packets.
using QueueLimit = std::variant<std::monostate, base::Duration, base::Bytes, Packets>;

struct QueueSettings {
  QueueLimit limit = {};
  Aqm aqm = Aqm::kDropTail;
  Marking marking = Marking::kOn;
  bool operator==(const QueueSettings&) const = default;
};

class Queue {
 public:
  // `rate` is the line's, for limits in time and for CoDel; zero when there is none.
  Queue(const QueueSettings& settings, base::BitRate rate);
  // Takes the packet at `now`. What does not fit, itself or others, goes to `dropped`.
  void push(PacketPool& pool, NodeId id, base::Instant now, NodeList& dropped);
  // The next packet at `now`; kNoNode when none is left. What queue management drops goes to `dropped`.
  NodeId pop(PacketPool& pool, base::Instant now, NodeList& dropped);
  // A packet, each flow's in their order, and nothing dropped; the queue is not empty.
  NodeId pop_unmanaged(PacketPool& pool);
  // New settings; every packet stays, in its order, whatever the new limit.
  void change(const QueueSettings& settings, base::BitRate rate, PacketPool& pool);
  bool empty() const { return packets_ == 0; }
  Packets packets() const { return {packets_}; }
  base::Bytes bytes() const { return {bytes_}; }
  // Since when there has been something in it; meaningful when it is not empty.
  base::Instant waiting_since() const { return waiting_since_; }

 private:
  struct Limits {
    std::uint64_t bytes;
    std::uint32_t packets;
  };
  struct CoDelQueue {
    Backlog backlog;
    CoDel codel;
  };
  using Discipline = std::variant<Backlog, CoDelQueue, FairQueue, PriorityBands>;

  static Limits limits_of(const QueueSettings& settings, base::BitRate rate);
  static Discipline discipline_of(Aqm aqm);
  void apply(const QueueSettings& settings, base::BitRate rate);
  void put(PacketPool& pool, NodeId id);
  NodeId take(PacketPool& pool, base::Instant now, NodeList& dropped);
  // Takes out what has to leave a full queue for the newcomer; kNoNode when nothing has.
  NodeId evict(PacketPool& pool, NodeId newcomer);
  void forget(const PacketPool& pool, NodeId id);

  QueueSettings settings_;
  Limits limits_{};
  CoDelParameters codel_;
  Discipline discipline_;
  std::uint32_t packets_ = 0;
  std::uint64_t bytes_ = 0;
  base::Instant waiting_since_ = base::Instant::min();
};

}  // namespace sennit::impair
