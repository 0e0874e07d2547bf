// The receiving half of a transfer: takes segments, judges the order they come in, acknowledges as a Linux
// TCP (every second segment, at once out of order, 40 ms at the latest) or a QUIC endpoint does (25 ms).
// Knows no packets: Transfer hands segments in, `emit` writes acknowledgements.
// Invariant: in_order() never shrinks and counts every segment once.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "sim/bulk_sender.hpp"
#include "sim/network.hpp"
#include "sim/number_ranges.hpp"
#include "sim/percentiles.hpp"
#include "sim/segment.hpp"
#include "sim/timer.hpp"

namespace sennit::sim {

struct ReceiverCounters {
  std::uint64_t arrived = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t marked = 0;
};

class BulkReceiver {
 public:
  using Emit = std::function<void(const Acknowledgement&)>;

  BulkReceiver(Network& network, Protocol protocol, Emit emit);

  void receive(const Segment& segment);
  // Segments that the application got, in order.
  std::uint64_t in_order() const { return places_.first_missing(); }
  const ReceiverCounters& counters() const { return counters_; }
  // How many later transmissions had arrived before each one: zero where order was kept.
  Percentiles& depths() { return depths_; }
  // Since the last delivery in order.
  base::Duration longest_stall() const { return longest_stall_; }
  void reset();

 private:
  void judge_order(const Segment& segment);
  void note_delivery();
  void acknowledge();
  std::vector<NumberRange> recent_ranges(std::size_t most) const;

  Network& network_;
  Protocol protocol_;
  Emit emit_;
  Timer delayed_;
  NumberRanges places_;
  NumberRanges transmissions_;        // QUIC only
  std::deque<std::uint64_t> recent_;  // places above a gap, newest first
  std::optional<std::uint64_t> duplicate_;
  std::uint64_t told_next_ = 0;
  std::uint32_t echo_ = 0;
  bool is_congested_ = false;
  unsigned unacknowledged_ = 0;
  std::uint64_t highest_transmission_ = 0;
  base::Instant last_delivery_;
  base::Duration longest_stall_{};
  ReceiverCounters counters_;
  Percentiles depths_;
};

}  // namespace sennit::sim
