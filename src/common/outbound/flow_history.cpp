#include "outbound/flow_history.hpp"

#include <algorithm>

#include "outbound/classify.hpp"

namespace sennit::outbound {

FlowHistory::Flow& FlowHistory::flow_of(base::FlowBucket bucket) {
  if (flows_.empty()) flows_.resize(kFlowBuckets);
  return flows_[bucket.value % kFlowBuckets];
}

const FlowHistory::Flow* FlowHistory::find(base::FlowBucket bucket) const {
  return flows_.empty() ? nullptr : &flows_[bucket.value % kFlowBuckets];
}

void FlowHistory::note_sent(base::FlowBucket bucket, base::Bytes size, base::Instant now) {
  Flow& flow = flow_of(bucket);
  const auto slot = slot_at(now);
  if (slot != flow.slot) {
    flow.in_slot_before = slot == flow.slot + 1 ? flow.in_slot : 0;
    flow.in_slot = 0;
    flow.slot = slot;
  }
  flow.in_slot += static_cast<std::uint32_t>(size.value);
}

base::Bytes FlowHistory::sent(base::FlowBucket bucket, base::Instant now) const {
  const Flow* flow = find(bucket);
  if (flow == nullptr) return {};
  const auto slot = slot_at(now);
  if (slot == flow->slot) return {std::uint64_t{flow->in_slot} + flow->in_slot_before};
  return {slot == flow->slot + 1 ? flow->in_slot : 0U};
}

void FlowHistory::note_spread(base::FlowBucket bucket, base::PathId path, base::Instant now) {
  const auto before = spread(bucket, now);
  const auto sent_now = sent(bucket, now);
  Flow& flow = flow_of(bucket);
  flow.spread_at = now;
  flow.spread_over = path;
  flow.sent_when_spread =
      static_cast<std::uint32_t>(before ? std::max(before->sent, sent_now).value : sent_now.value);
}

std::optional<FlowHistory::Spread> FlowHistory::spread(base::FlowBucket bucket, base::Instant now) const {
  const Flow* flow = find(bucket);
  if (flow == nullptr || flow->spread_at == base::Instant::min() || now - flow->spread_at >= kMemory)
    return std::nullopt;
  return Spread{flow->spread_over, {flow->sent_when_spread}};
}

}  // namespace sennit::outbound
