#include "impair/fair_queue.hpp"

#include <algorithm>

namespace sennit::impair {

namespace {
// Memory for more flows than this is given back when the queue is empty.
constexpr std::size_t kKeptFlows = 8;
}  // namespace

FairQueue::Slot FairQueue::slot_of(std::uint32_t bucket) {
  const auto found = std::ranges::find(buckets_, bucket);
  return found == buckets_.end() ? kNone : static_cast<Slot>(found - buckets_.begin());
}

FairQueue::Slot FairQueue::open(std::uint32_t bucket) {
  Slot slot = slot_of(kBuckets);
  if (slot == kNone) {
    slot = static_cast<Slot>(flows_.size());
    flows_.emplace_back();
    buckets_.push_back(kBuckets);
  }
  flows_[slot] = {};
  buckets_[slot] = bucket;
  ++open_;
  append(fresh_, slot);
  return slot;
}

void FairQueue::close(Slot slot) {
  buckets_[slot] = kBuckets;
  if (--open_ > 0 || flows_.size() <= kKeptFlows) return;
  flows_ = {};
  buckets_ = {};
}

void FairQueue::append(Round& round, Slot slot) {
  flows_[slot].next = kNone;
  if (round.first == kNone) {
    round.first = slot;
  } else {
    flows_[round.last].next = slot;
  }
  round.last = slot;
}

FairQueue::Slot FairQueue::remove_first(Round& round) {
  const Slot slot = round.first;
  round.first = flows_[slot].next;
  return slot;
}

void FairQueue::push(PacketPool& pool, NodeId id) {
  const auto bucket = pool[id].packet.flow.value % kBuckets;
  Slot slot = slot_of(bucket);
  if (slot == kNone) slot = open(bucket);
  flows_[slot].backlog.push(pool, id);
}

NodeId FairQueue::take(const CoDelParameters& parameters, PacketPool& pool, base::Instant now,
                       NodeList& dropped, Flow& flow) {
  if (management_ == FlowManagement::kCoDel) {
    return flow.codel.pop(parameters, pool, flow.backlog, now, dropped);
  }
  return flow.backlog.list.empty() ? kNoNode : flow.backlog.pop(pool);
}

NodeId FairQueue::pop(const CoDelParameters& parameters, PacketPool& pool, base::Instant now,
                      NodeList& dropped) {
  while (fresh_.first != kNone || old_.first != kNone) {
    const bool is_fresh = fresh_.first != kNone;
    Round& round = is_fresh ? fresh_ : old_;
    const Slot slot = round.first;
    Flow& flow = flows_[slot];
    if (flow.deficit <= 0) {
      flow.deficit += kQuantum;
      append(old_, remove_first(round));
      continue;
    }
    const NodeId id = take(parameters, pool, now, dropped, flow);
    if (id != kNoNode) {
      flow.deficit -= static_cast<std::int32_t>(pool[id].wire_bytes);
      return id;
    }
    remove_first(round);
    // A new flow that has run empty waits a round, so that it cannot jump the others again and again.
    if (is_fresh && old_.first != kNone) {
      append(old_, slot);
    } else {
      close(slot);
    }
  }
  return kNoNode;
}

NodeId FairQueue::pop_longest(PacketPool& pool) {
  const auto longest =
      std::ranges::max_element(flows_, {}, [](const Flow& flow) { return flow.backlog.bytes; });
  return longest->backlog.pop(pool);
}

}  // namespace sennit::impair
