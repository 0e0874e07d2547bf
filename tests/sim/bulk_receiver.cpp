#include "sim/bulk_receiver.hpp"

#include <algorithm>
#include <utility>

#include "sim/inner_tcp.hpp"

namespace sennit::sim {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration kTcpDelay = 40ms;
constexpr base::Duration kQuicDelay = 25ms;
constexpr unsigned kSegmentsAnAck = 2;
constexpr std::uint64_t kQuickAcks = 16;  // segments at the start that are acknowledged at once
constexpr std::size_t kQuicRanges = 32;

}  // namespace

BulkReceiver::BulkReceiver(Network& network, Protocol protocol, Emit emit)
    : network_(network),
      protocol_(protocol),
      emit_(std::move(emit)),
      delayed_(network, [this] { acknowledge(); }),
      last_delivery_(network.now().monotonic) {}

void BulkReceiver::reset() {
  counters_ = {};
  depths_.clear();
  longest_stall_ = {};
  last_delivery_ = network_.now().monotonic;
}

void BulkReceiver::judge_order(const Segment& segment) {
  ++counters_.arrived;
  const auto behind = std::max(highest_transmission_, segment.transmission) - segment.transmission;
  depths_.add(static_cast<double>(behind));
  highest_transmission_ = std::max(highest_transmission_, segment.transmission);
}

void BulkReceiver::note_delivery() {
  const auto now = network_.now().monotonic;
  longest_stall_ = std::max(longest_stall_, now - last_delivery_);
  last_delivery_ = now;
}

void BulkReceiver::receive(const Segment& segment) {
  judge_order(segment);
  if (segment.is_window_reduced) is_congested_ = false;
  if (segment.ecn == Ecn::kCongested) {
    ++counters_.marked;
    is_congested_ = true;
  }
  if (segment.place <= told_next_) echo_ = std::max(echo_, segment.stamp);
  if (protocol_ == Protocol::kQuic) {
    transmissions_.insert(segment.transmission);
    transmissions_.hold(kQuicRanges);
  }
  const auto before = places_.first_missing();
  const bool had_gaps = places_.has_gaps();
  if (!places_.insert(segment.place)) {
    ++counters_.duplicates;
    duplicate_ = segment.place;
  } else if (segment.place > before) {
    recent_.push_front(segment.place);
  }
  if (places_.first_missing() > before) note_delivery();
  const bool is_urgent = segment.place != before || had_gaps || segment.transmission < kQuickAcks ||
                         segment.ecn == Ecn::kCongested;
  if (++unacknowledged_ >= kSegmentsAnAck || is_urgent)
    acknowledge();
  else
    delayed_.set(network_.now().monotonic + (protocol_ == Protocol::kTcp ? kTcpDelay : kQuicDelay));
}

std::vector<NumberRange> BulkReceiver::recent_ranges(std::size_t most) const {
  std::vector<NumberRange> ranges;
  for (const auto place : recent_) {
    const auto range = places_.around(place);
    if (std::ranges::find(ranges, range) == ranges.end()) ranges.push_back(range);
    if (ranges.size() == most) break;
  }
  return ranges;
}

void BulkReceiver::acknowledge() {
  delayed_.set(base::kNever);
  unacknowledged_ = 0;
  Acknowledgement acknowledgement;
  acknowledgement.is_congested = is_congested_;
  if (protocol_ == Protocol::kQuic) {
    acknowledgement.ranges = transmissions_.highest(kQuicRanges);
    is_congested_ = false;
  } else {
    told_next_ = acknowledgement.next = places_.first_missing();
    std::erase_if(recent_, [this](std::uint64_t place) { return place < told_next_; });
    acknowledgement.duplicate = std::exchange(duplicate_, std::nullopt);
    acknowledgement.ranges = recent_ranges(InnerTcp::kMaxBlocks - (acknowledgement.duplicate ? 1 : 0));
    acknowledgement.echo = echo_;
  }
  emit_(acknowledgement);
}

}  // namespace sennit::sim
