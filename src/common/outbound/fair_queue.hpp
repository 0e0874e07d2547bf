// Where inner packets wait for a path: FQ-CoDel (RFC 8290) over the flow buckets. Deficit round robin gives
// every flow its turn, flows that send little overtake, and CoDel keeps each flow's own queue short by ECN
// marks or drops. Stands between split and schedule. Knows no path. Invariant: packets of one bucket leave in
// the order in which they came; bounded by kMaxBytes, beyond which the longest flow loses its oldest.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/packet.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "outbound/buffer_pool.hpp"
#include "outbound/codel.hpp"
#include "outbound/policy.hpp"

namespace sennit::outbound {

// An inner packet that waits. kHeadroom bytes lie in front of it in the buffer.
struct Waiting {
  Buffer buffer;
  base::FlowBucket bucket;
  base::Instant since;
  std::optional<base::FlowSequence> sequence;  // as soon as it has one
  base::Checksum checksum = base::Checksum::kComplete;
  std::uint8_t flags = 0;  // of its data header, beside what follows from the packet
  ClassId traffic;
  base::InnerPacket packet() { return {base::ByteSpan(buffer).subspan(base::kHeadroom), checksum}; }
  std::size_t size() const { return buffer.size() - base::kHeadroom; }
};

// How a flow has behaved lately.
enum class Pace : std::uint8_t {
  kSparse,  // sent less than its turn: goes first
  kBulk,
  kBacklogged,  // and more of its flow waits behind it
};

class FairQueue {
 public:
  static constexpr std::size_t kQuantum = 1514;
  static constexpr std::size_t kMaxBytes = std::size_t{4} * 1024 * 1024;

  struct Counts {
    std::uint64_t drops = 0;
    std::uint64_t marks = 0;
    std::uint64_t superseded = 0;  // acknowledgements, by newer ones
  };
  struct Next {
    Waiting packet;
    Pace pace = Pace::kBulk;
  };

  explicit FairQueue(BufferPool& pool) : pool_(pool) {}

  // A copy of the packet that could not go at once. Its headroom comes along.
  Waiting copy_of(const base::InnerPacket& packet, base::FlowBucket bucket, base::Instant now);
  void push(Waiting packet);
  // Likewise, and of its flow's packets only the newest so many stay.
  void push_newest(Waiting packet, std::size_t most);
  // The next packet to go, from the sparse flows if there are any; none: nothing is left (CoDel may have
  // dropped it).
  std::optional<Next> pop(base::Instant now);
  // The next of the flows that are not sparse.
  std::optional<Waiting> pop_bulk(base::Instant now);
  // Forgets all that waits, and says how many packets that were; counts() goes on.
  std::size_t clear();
  // The same of those that have a place in their flow already.
  std::size_t clear_numbered();
  bool empty() const { return packets_ == 0; }
  // Is a packet of a flow that has sent little the next one?
  bool has_sparse() const { return !sparse_.empty(); }
  bool has_bulk() const { return !bulk_.empty(); }
  // Is there a packet of this flow?
  bool holds(base::FlowBucket bucket) const;
  std::size_t packets() const { return packets_; }
  base::Bytes bytes() const { return {bytes_}; }
  // How long the packet that left last had waited.
  base::Duration delay() const { return delay_; }
  const Counts& counts() const { return counts_; }
  void set_codel(const CoDel::Parameters& parameters) { codel_ = parameters; }

 private:
  struct Flow {
    std::deque<Waiting> packets;
    std::size_t bytes = 0;
    std::int64_t deficit = 0;
    CoDel codel;
    bool is_listed = false;
    base::Instant next_ack = base::Instant::min();  // an acknowledgement before that is one of many
  };

  Flow& flow_of(base::FlowBucket bucket);
  Waiting take_first(Flow& flow);
  std::optional<Waiting> pop_from(Flow& flow, base::Instant now);
  std::optional<Waiting> pop_flow(std::deque<Flow*>& list, base::Instant now);
  static std::size_t cost_of(Flow& flow, Waiting& packet, base::Instant now);
  bool replaces_last(Flow& flow, Waiting& packet);
  void drop(Waiting&& packet);
  void shorten_longest();

  BufferPool& pool_;
  CoDel::Parameters codel_;
  std::vector<std::unique_ptr<Flow>> flows_;  // by bucket, made when used
  std::deque<Flow*> sparse_;
  std::deque<Flow*> bulk_;
  std::size_t packets_ = 0;
  std::size_t bytes_ = 0;
  base::Duration delay_{};
  Counts counts_;
};

}  // namespace sennit::outbound
