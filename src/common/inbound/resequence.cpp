// Theory of operation: a bucket delivers `next`, `next` + 1 … A packet ahead of that is held. The gap in
// front of the first held packet is given up when every path of the bucket has brought something newer than
// the gap's last packet, or at the first held packet's deadline; then paths that kept us waiting no longer
// count as carrying the bucket until they bring a packet of it again.
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

std::span<const base::InnerPacket> Resequencer::add(base::FlowBucket bucket_number,
                                                    base::FlowSequence sequence, base::PathId path,
                                                    const base::InnerPacket& packet, base::Instant deadline) {
  begin();
  if (bucket_number.value >= kBuckets) {
    released_.push_back(packet);
    return released_;
  }
  if (buckets_.empty()) buckets_.resize(kBuckets);
  auto& slot = buckets_[bucket_number.value];
  if (!slot) slot = std::make_unique<Bucket>();
  Bucket& bucket = *slot;
  note_path(bucket, sequence.value, path);
  const auto distance = ahead(sequence.value, bucket.next);
  if (distance > 0) {
    hold(bucket, sequence.value, packet, deadline);
  } else {
    if (distance == 0) ++bucket.next;
    if (distance < 0) ++counts_.late;
    released_.push_back(packet);
  }
  release(bucket);
  return released_;
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

void Resequencer::hold(Bucket& bucket, std::uint32_t sequence, const base::InnerPacket& packet,
                       base::Instant deadline) {
  if (bucket.held.empty()) holding_.push_back(&bucket);
  const auto place = std::ranges::upper_bound(
      bucket.held, 0, std::less{}, [sequence](const Held& held) { return ahead(held.sequence, sequence); });
  bucket.held.insert(place, {sequence, packet, deadline, {}});
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
           all_paths_passed(bucket, first.sequence);
  };
  while (count < held.size() && may_go(held[count])) deliver(bucket, held[count++]);
  if (count == 0) return;
  held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(count));
  if (held.empty()) std::erase(holding_, &bucket);
}

void Resequencer::deliver(Bucket& bucket, Held& held) {
  const auto gap = ahead(held.sequence, bucket.next);
  if (gap > 0) counts_.lost += static_cast<std::uint64_t>(gap);
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

void Resequencer::expire_bucket(Bucket& bucket, base::Instant now) {
  while (!bucket.held.empty() && bucket.held.front().deadline <= now) {
    const auto first_held = bucket.held.front().sequence;
    for (auto left = bucket.paths; left != 0; left &= left - 1) {
      const auto path = static_cast<std::size_t>(std::countr_zero(left));
      if (ahead(bucket.newest[path], first_held) < 0) bucket.paths &= ~(std::uint32_t{1} << path);
    }
    release(bucket);
  }
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
