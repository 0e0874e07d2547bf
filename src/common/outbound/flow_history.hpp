// What is remembered of each flow bucket for a moment: how much it sends, and over which slower path it was
// spread when the quickest was full. Written and read by the scheduler in mode aggregate; decides nothing.
// Invariant: what is older than kMemory is not told. Reasons: docs/scheduling.md, "Which path".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::outbound {

class FlowHistory {
 public:
  static constexpr base::Duration kSlot = std::chrono::milliseconds(20);
  // A flow counts as spread for so long.
  static constexpr base::Duration kMemory = std::chrono::milliseconds(700);

  // A flow was spread over `path`, and sent so much in the one to two slots until then.
  struct Spread {
    base::PathId path;
    base::Bytes sent;
  };

  void note_sent(base::FlowBucket bucket, base::Bytes size, base::Instant now);
  // In the slot under way and the one before.
  base::Bytes sent(base::FlowBucket bucket, base::Instant now) const;
  // A packet of it goes over `path`, though that is not the quickest.
  void note_spread(base::FlowBucket bucket, base::PathId path, base::Instant now);
  std::optional<Spread> spread(base::FlowBucket bucket, base::Instant now) const;

 private:
  struct Flow {
    std::int64_t slot = 0;  // the newest in which it sent
    std::uint32_t in_slot = 0;
    std::uint32_t in_slot_before = 0;
    base::Instant spread_at = base::Instant::min();
    std::uint32_t sent_when_spread = 0;
    base::PathId spread_over{};
  };

  static std::int64_t slot_at(base::Instant now) { return now.time_since_epoch() / kSlot; }
  Flow& flow_of(base::FlowBucket bucket);
  const Flow* find(base::FlowBucket bucket) const;

  std::vector<Flow> flows_;  // by bucket; none before the first packet
};

}  // namespace sennit::outbound
