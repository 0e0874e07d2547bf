// The impairment of one direction of a device or link: push(packet, now), pop(now), next_wakeup().
// order=link: overhead -> queue -> rate -> loss -> corruption -> duplication -> delay -> slots; order=netem
// as sch_netem.c has it. Holds no bytes (packet.hpp) and no memory of its own per packet (pool.hpp).
// Invariant: what comes out, and when, follows from the settings, the seed and the packets pushed; not from
// when pop() is called, nor from other chains. Packets leave in order unless reordering is asked for, or
// order=netem. change() drops nothing and lets no burst through. Reasons: docs/impairment.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "impair/achieved.hpp"
#include "impair/delay_line.hpp"
#include "impair/markov_coin.hpp"
#include "impair/packet.hpp"
#include "impair/pool.hpp"
#include "impair/settings.hpp"

namespace sennit::impair {

// The seed of a chain whose settings name none.
using Seed = base::Identifier<struct SeedTag, std::uint64_t>;

class Chain {
 public:
  // `pool` is shared with the owner's other chains and outlives them.
  Chain(PacketPool& pool, const Settings& settings, Seed seed, base::Instant now);
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  // Frees what is inside; the owner takes it with drain() before, or knows that its buffers go too.
  ~Chain();

  // Takes a packet. `now` never goes back from call to call.
  void push(const Packet& packet, base::Instant now);
  // The next packet that has come through or was dropped by `now`; ask until there is none.
  std::optional<Emission> pop(base::Instant now);
  // No later than anything is delivered; kNever when nothing is inside. What is dropped comes out then too.
  base::Instant next_wakeup();
  // Other settings from now on. What is inside stays, in order, and leaves no sooner than either setting's
  // rate allows.
  void change(const Settings& settings, base::Instant now);
  // Takes out a packet whatever its time, for an owner that ends or goes round the chain; in order.
  std::optional<Emission> drain();

  bool empty() const { return dropped_.empty() && line_.empty() && on_wire_ == kNoNode && queue_.empty(); }
  // Packets and bytes that wait for the line.
  Packets queued() const { return queue_.packets(); }
  base::Bytes queued_bytes() const { return queue_.bytes(); }
  const Achieved& achieved() const { return achieved_; }
  // Counts from zero again, as after a change of settings.
  void restart_counts() { achieved_ = {}; }

 private:
  // One sequence of random numbers a decision, so that one model does not move another's.
  enum class Stream : std::uint8_t { kLoss, kOutage, kCorrupt, kDuplicate, kReorder, kDelay, kSlot, kCount };

  void configure(const Settings& settings);
  void reseed(std::uint64_t seed);
  base::Rng& rng(Stream stream) { return rngs_[static_cast<std::size_t>(stream)]; }

  // order=link
  void serve(base::Instant now);
  base::Instant service_time();
  void leave_wire(NodeId id, base::Instant at);
  void delay(NodeId id, base::Instant at);
  base::Instant in_order(base::Instant due, std::uint32_t wire_bytes);

  // order=netem
  void push_as_netem(NodeId id, base::Instant now, bool may_duplicate);
  void schedule_as_netem(NodeId id, base::Instant now);
  void move_to_netem(base::Instant now);

  bool draw_outage(base::Instant at);
  bool draw_loss(Node& node);
  void corrupt(Node& node);
  bool draw_reorder();
  void place(NodeId id, base::Instant release);
  void drop(NodeId id, Fate fate);
  Emission emit(NodeId id);
  void count(const Node& node, base::Instant now);
  NodeId take_any();

  PacketPool& pool_;
  Order order_ = Order::kLink;
  Overhead overhead_;
  Queue queue_;
  RateStage rate_;
  NodeId on_wire_ = kNoNode;
  base::Instant leaves_wire_at_;
  Outage outage_;
  Loss loss_;
  Marking marks_loss_ = Marking::kOff;
  MarkovCoin corrupt_;
  DamageMode damage_;
  MarkovCoin duplicate_;
  MarkovCoin reorder_;
  std::uint32_t reorder_gap_ = 1;
  std::uint32_t since_reorder_ = 0;
  DelayModel delay_;
  base::Duration least_delay_{};  // between the line and its end
  std::optional<SerialisingWire> netem_wire_;
  std::uint32_t netem_limit_ = 0;
  DelayLine line_;
  base::Instant last_release_ = base::Instant::min();
  bool catches_up_ = false;  // packets sent under earlier settings still hold up those behind
  SlotGate slots_;
  NodeList dropped_;
  std::optional<std::uint64_t> seed_;
  std::array<base::Rng, static_cast<std::size_t>(Stream::kCount)> rngs_;
  std::uint32_t next_sequence_ = 0;
  Achieved achieved_;
};

}  // namespace sennit::impair
