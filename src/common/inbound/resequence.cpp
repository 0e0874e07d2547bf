// Theory of operation: a bucket delivers `next`, `next` + 1 … A packet ahead of that is held. The gap in
// front of the first held packet is given up when every path of the bucket has brought something newer than
// the gap's last packet, unless the sender is going to send it again, or at the first held packet's deadline;
// then paths that kept us waiting no longer count as carrying the bucket until they bring a packet of it
// again. What has come is remembered, so that a second copy is known from what was given up and comes late.
#include "inbound/resequence.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace sennit::inbound {

namespace {

// How far `a` is ahead of `b`, modulo 2^32.
std::int32_t ahead(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::int32_t>(a - b);
}

}  // namespace

std::span<const base::InnerPacket> Resequencer::add(const Arrived& arrived, base::PathId path,
                                                    const HoldLimits& limits) {
  begin();
  if (arrived.bucket.value >= kBuckets) {
    released_.push_back(arrived.packet);
    return released_;
  }
  if (buckets_.empty()) buckets_.resize(kBuckets);
  auto& slot = buckets_[arrived.bucket.value];
  if (!slot) slot = std::make_unique<Bucket>();
  Bucket& bucket = *slot;
  const auto sequence = arrived.sequence.value;
  const bool was_passed =
      (bucket.paths >> path.value & 1U) != 0 && ahead(bucket.newest[path.value], sequence) > 0;
  note_path(bucket, sequence, path);
  const auto distance = ahead(sequence, bucket.next);
  const auto former_duplicates = counts_.duplicates;
  if (distance > 0) {
    hold(bucket, arrived, limits);
  } else if (distance == 0) {
    mark_come(bucket, bucket.next++);
    released_.push_back(arrived.packet);
  } else if (distance >= -std::int32_t{kRemembered} && mark_come(bucket, sequence)) {
    ++counts_.late;
    released_.push_back(arrived.packet);
  } else {
    ++counts_.duplicates;
  }
  if (was_passed && counts_.duplicates == former_duplicates) ++counts_.recovered;
  release(bucket);
  return released_;
}

// Notes that it has come; false if it had before.
bool Resequencer::mark_come(Bucket& bucket, std::uint32_t sequence) {
  auto& word = bucket.came[sequence % kRemembered / 64];
  const auto bit = std::uint64_t{1} << (sequence % 64);
  const bool is_first = (word & bit) == 0;
  word |= bit;
  return is_first;
}

void Resequencer::note_copy(base::FlowBucket bucket, base::FlowSequence sequence, base::PathId path) {
  if (bucket.value < buckets_.size() && buckets_[bucket.value])
    note_path(*buckets_[bucket.value], sequence.value, path);
}

void Resequencer::note_path(Bucket& bucket, std::uint32_t sequence, base::PathId path) {
  const auto bit = std::uint32_t{1} << path.value;
  const bool is_new = (bucket.paths & bit) == 0;
  if (is_new || ahead(sequence, bucket.newest[path.value]) > 0) bucket.newest[path.value] = sequence;
  bucket.paths |= bit;
}

void Resequencer::begin() {
  released_.clear();
  if (!std::exchange(is_call_over_, false)) return;
  std::ranges::move(retired_, std::back_inserter(spare_));
  retired_.clear();
  if (spare_.size() > kMaxSpareBuffers) spare_.resize(kMaxSpareBuffers);
}

void Resequencer::hold(Bucket& bucket, const Arrived& arrived, const HoldLimits& limits) {
  const auto sequence = arrived.sequence.value;
  const auto place = std::ranges::lower_bound(
      bucket.held, 0, std::less{}, [sequence](const Held& held) { return ahead(held.sequence, sequence); });
  if (place != bucket.held.end() && place->sequence == sequence) {
    ++counts_.duplicates;
    return;
  }
  if (bucket.held.empty()) holding_.push_back(&bucket);
  const auto deadline = arrived.is_kept ? limits.repair : limits.disorder;
  bucket.held.insert(place, {sequence, arrived.packet, deadline, arrived.is_kept});
  ++counts_.held;
  ++held_;
  next_expiry_ = held_ == 1 ? deadline : std::min(next_expiry_, deadline);
}

// Delivers what is in order, and what is behind gaps that will not be filled any more.
void Resequencer::release(Bucket& bucket) {
  auto& held = bucket.held;
  std::size_t count = 0;
  const auto may_go = [&](const Held& first) {
    return ahead(first.sequence, bucket.next) <= 0 || held_ > kMaxHeld ||
           (!first.is_kept && all_paths_passed(bucket, first.sequence));
  };
  while (count < held.size() && may_go(held[count])) deliver(bucket, held[count++]);
  if (count == 0) return;
  held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(count));
  if (held.empty()) std::erase(holding_, &bucket);
}

void Resequencer::deliver(Bucket& bucket, Held& held) {
  const auto gap = ahead(held.sequence, bucket.next);
  if (gap > 0) counts_.lost += static_cast<std::uint64_t>(gap);
  // What is given up has not come; further back than is remembered nothing needs to be noted.
  const auto given_up = std::min(static_cast<std::uint32_t>(std::max(gap, 0)), kRemembered);
  for (auto missing = held.sequence - given_up; missing != held.sequence; ++missing)
    bucket.came[missing % kRemembered / 64] &= ~(std::uint64_t{1} << (missing % 64));
  mark_come(bucket, held.sequence);
  if (gap >= 0) bucket.next = held.sequence + 1;
  released_.push_back(held.packet);
  if (!held.copy.empty()) retired_.push_back(std::move(held.copy));
  --held_;
}

// Has every path brought this packet or a newer one, so that what is missing before it is lost?
bool Resequencer::all_paths_passed(const Bucket& bucket, std::uint32_t sequence) {
  for (auto left = bucket.paths; left != 0; left &= left - 1) {
    if (ahead(bucket.newest[static_cast<std::size_t>(std::countr_zero(left))], sequence) < 0) return false;
  }
  return true;
}

std::span<const base::InnerPacket> Resequencer::expire(base::Instant now) {
  begin();
  if (next_expiry() > now) return released_;
  const auto holding = holding_;
  for (auto* bucket : holding) expire_bucket(*bucket, now);
  next_expiry_ = base::kNever;
  for (const auto* bucket : holding_)
    for (const auto& held : bucket->held) next_expiry_ = std::min(next_expiry_, held.deadline);
  return released_;
}

// A packet whose deadline has passed takes along those held before it.
void Resequencer::expire_bucket(Bucket& bucket, base::Instant now) {
  std::size_t count = bucket.held.size();
  while (count > 0 && bucket.held[count - 1].deadline > now) --count;
  if (count == 0) return;
  const auto waited_for = bucket.held[count - 1].sequence;
  for (auto left = bucket.paths; left != 0; left &= left - 1) {
    const auto path = static_cast<std::size_t>(std::countr_zero(left));
    if (ahead(bucket.newest[path], waited_for) < 0) bucket.paths &= ~(std::uint32_t{1} << path);
  }
  for (std::size_t i = 0; i < count; ++i) deliver(bucket, bucket.held[i]);
  bucket.held.erase(bucket.held.begin(), bucket.held.begin() + static_cast<std::ptrdiff_t>(count));
  if (bucket.held.empty()) std::erase(holding_, &bucket);
  release(bucket);
}

void Resequencer::keep() {
  is_call_over_ = true;
  for (auto* bucket : holding_) {
    for (auto& held : bucket->held) {
      if (!held.copy.empty()) continue;
      held.copy = spare_buffer();
      held.copy.assign(held.packet.bytes.begin(), held.packet.bytes.end());
      held.packet.bytes = held.copy;
    }
  }
}

std::vector<std::uint8_t> Resequencer::spare_buffer() {
  if (spare_.empty()) return {};
  auto buffer = std::move(spare_.back());
  spare_.pop_back();
  return buffer;
}

}  // namespace sennit::inbound
