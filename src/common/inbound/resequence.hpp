// Puts the packets of a flow bucket back into the order in which they were sent. Stands behind deduplicate
// and reassemble, before coalesce. A missing packet is waited for until every path that lately carried the
// bucket has brought a later one, since a path keeps its own order; or, where the sender sends again what is
// lost, until that has come; at most until a deadline. Held packets stay views until the end of the call and
// are copied only if they wait longer. Invariant: every packet comes out once, copies of it never; bounded by
// kMaxHeld packets. Reasons: docs/scheduling.md, "Order".
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/packet.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::inbound {

// Packets since the session began.
struct ResequencerCounts {
  std::uint64_t held = 0;        // waited for an earlier one
  std::uint64_t late = 0;        // came after they had been given up
  std::uint64_t lost = 0;        // given up
  std::uint64_t recovered = 0;   // came on a path that had brought later ones: sent again
  std::uint64_t duplicates = 0;  // had come before: dropped

  ResequencerCounts& operator+=(const ResequencerCounts& other) {
    held += other.held;
    late += other.late;
    lost += other.lost;
    recovered += other.recovered;
    duplicates += other.duplicates;
    return *this;
  }
};

// An inner packet as it came.
struct Arrived {
  base::FlowBucket bucket;
  base::FlowSequence sequence;
  base::InnerPacket packet;
  bool is_kept = false;  // the sender sends again what is missing before it
};

// Until when a packet may be held: for packets under way on other paths, and for those that are sent again.
struct HoldLimits {
  base::Instant disorder;
  base::Instant repair;
};

class Resequencer {
 public:
  static constexpr std::size_t kBuckets = 1024;  // others are not put in order
  static constexpr std::size_t kMaxHeld = 8192;
  static constexpr std::size_t kMaxSpareBuffers = 1024;
  static constexpr std::uint32_t kRemembered = 4096;  // sequences a bucket; what is older is a second copy

  // Takes a packet and returns what may be delivered now, in order; valid until the next call of a function
  // here, the packets' bytes until the next add() or expire() after keep().
  std::span<const base::InnerPacket> add(const Arrived& arrived, base::PathId path, const HoldLimits& limits);
  // A later copy of a packet that was added came on `path`.
  void note_copy(base::FlowBucket bucket, base::FlowSequence sequence, base::PathId path);
  // Gives up what is waited for past its deadline; returns what may be delivered then.
  std::span<const base::InnerPacket> expire(base::Instant now);
  // The buffers of the packets added will be used for others: copies what is still held.
  void keep();
  // When expire() has something to do; kNever when nothing is held.
  base::Instant next_expiry() const { return held_ == 0 ? base::kNever : next_expiry_; }
  const ResequencerCounts& counts() const { return counts_; }

 private:
  struct Held {
    std::uint32_t sequence = 0;
    base::InnerPacket packet;
    base::Instant deadline;
    bool is_kept = false;
    std::vector<std::uint8_t> copy = {};  // empty: `packet` lies in the caller's buffer
  };

  struct Bucket {
    std::uint32_t next = 0;                               // the sequence that is delivered next
    std::uint32_t paths = 0;                              // bit i: path i carries this bucket
    std::array<std::uint32_t, base::kMaxPaths> newest{};  // by path, of those that carry it
    std::vector<Held> held;                               // by sequence
    std::array<std::uint64_t, kRemembered / 64> came{};   // bit: which of the last before `next` have come
  };

  static void note_path(Bucket& bucket, std::uint32_t sequence, base::PathId path);
  void begin();
  static bool mark_come(Bucket& bucket, std::uint32_t sequence);
  void hold(Bucket& bucket, const Arrived& arrived, const HoldLimits& limits);
  void release(Bucket& bucket);
  void deliver(Bucket& bucket, Held& held);
  void expire_bucket(Bucket& bucket, base::Instant now);
  static bool all_paths_passed(const Bucket& bucket, std::uint32_t sequence);
  std::vector<std::uint8_t> spare_buffer();

  std::vector<std::unique_ptr<Bucket>> buckets_;  // none before the first packet: many peers are idle
  std::vector<Bucket*> holding_;                  // buckets with held packets
  std::size_t held_ = 0;
  base::Instant next_expiry_ = base::kNever;  // not later than the true one
  ResequencerCounts counts_;
  std::vector<base::InnerPacket> released_;
  std::vector<std::vector<std::uint8_t>> retired_;  // copies of what was released in this call
  std::vector<std::vector<std::uint8_t>> spare_;
  bool is_call_over_ = false;
};

}  // namespace sennit::inbound
