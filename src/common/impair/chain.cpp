// Theory of operation: time is virtual. serve(now) lets the rate stage do all that it has done by `now`, each
// packet at its own time, however late the call comes; so a late wake-up makes one packet late and moves no
// rate, and none is needed when a packet leaves the line but when it can be at its end. In order=link packets
// pass queue, wire and delay line; in order=netem only the delay line.
#include "impair/chain.hpp"

#include <algorithm>
#include <utility>

namespace sennit::impair {

namespace {

// As tc-netem(8).
constexpr std::uint32_t kNetemLimit = 1000;
constexpr base::Duration kFarthest = std::chrono::years(10);

std::array<base::Rng, 7> streams_of(std::uint64_t seed) {
  // Seeds of neighbouring streams are outputs, not neighbours: neighbours would share their sequence.
  base::Rng seeds(base::Rng(seed ^ 0x5345'4E4E'4954'0001U)());
  const auto next = [&] { return base::Rng(seeds()); };
  return {next(), next(), next(), next(), next(), next(), next()};
}

QueueSettings queue_of(const Settings& settings) {
  return {settings.queue_limit, settings.aqm, settings.ecn == EcnUse::kOff ? Marking::kOff : Marking::kOn};
}

// netem's limit counts packets, delayed and queued together.
std::uint32_t netem_limit_of(const QueueLimit& limit) {
  const auto* packets = std::get_if<Packets>(&limit);
  return packets != nullptr ? packets->value : kNetemLimit;
}

}  // namespace

Chain::Chain(PacketPool& pool, const Settings& settings, Seed seed, base::Instant now)
    : pool_(pool),
      queue_(queue_of(settings), nominal_rate(settings.rate)),
      rate_(settings.rate, now),
      seed_(settings.seed),
      rngs_(streams_of(settings.seed.value_or(seed.value))) {
  configure(settings);
  outage_ = Outage(settings.outage, now, rng(Stream::kOutage));
}

Chain::~Chain() {
  while (!empty()) pool_.give_back(take_any());
}

void Chain::reseed(std::uint64_t seed) {
  seed_ = seed;
  rngs_ = streams_of(seed);
}

void Chain::configure(const Settings& settings) {
  order_ = settings.order;
  overhead_ = settings.overhead;
  loss_.change(settings.loss);
  marks_loss_ = settings.ecn == EcnUse::kAll ? Marking::kOn : Marking::kOff;
  corrupt_.change(MarkovCoin(settings.corrupt.random));
  damage_ = settings.corrupt.mode;
  duplicate_.change(MarkovCoin(settings.duplicate));
  reorder_.change(MarkovCoin(settings.reorder.random));
  reorder_gap_ = settings.reorder.gap;
  delay_.change(settings.delay);
  least_delay_ = reorder_.is_live() ? base::Duration::zero() : delay_.least();
  if (slots_.settings() != settings.slot) slots_ = SlotGate(settings.slot);
  netem_limit_ = netem_limit_of(settings.queue_limit);
  netem_wire_.reset();
  if (settings.rate.rate > base::BitRate{}) netem_wire_.emplace(settings.rate.rate);
}

void Chain::change(const Settings& settings, base::Instant now) {
  serve(now);
  if (settings.seed && settings.seed != seed_) reseed(*settings.seed);
  rate_.change(settings.rate, now);
  leaves_wire_at_ = rate_.free_at();
  queue_.change(queue_of(settings), nominal_rate(settings.rate), pool_);
  configure(settings);
  if (outage_.settings() != settings.outage) outage_ = Outage(settings.outage, now, rng(Stream::kOutage));
  if (order_ == Order::kNetem) move_to_netem(now);
  catches_up_ = !line_.empty() && rate_.nominal() > base::BitRate{};
  serve(now);
}

void Chain::move_to_netem(base::Instant now) {
  if (on_wire_ != kNoNode) schedule_as_netem(std::exchange(on_wire_, kNoNode), now);
  while (!queue_.empty()) schedule_as_netem(queue_.pop_unmanaged(pool_), now);
}

void Chain::push(const Packet& packet, base::Instant now) {
  serve(now);
  const NodeId id = pool_.take(packet);
  Node& node = pool_[id];
  node.arrived = now;
  node.sequence = next_sequence_++;
  node.wire_bytes = overhead_.on_wire(packet.size);
  ++achieved_.offered;
  if (order_ == Order::kNetem) {
    push_as_netem(id, now, true);
    return;
  }
  NodeList refused;
  queue_.push(pool_, id, now, refused);
  while (!refused.empty()) drop(refused.pop(pool_), Fate::kQueueFull);
  serve(now);
}

base::Instant Chain::service_time() {
  const auto at = std::max(rate_.free_at(), queue_.waiting_since());
  return outage_.settings().effect == OutageEffect::kHold ? outage_.next_on(at, rng(Stream::kOutage)) : at;
}

void Chain::serve(base::Instant now) {
  while (true) {
    if (on_wire_ != kNoNode) {
      if (leaves_wire_at_ > now) return;
      leave_wire(std::exchange(on_wire_, kNoNode), leaves_wire_at_);
    }
    if (queue_.empty()) return;
    const auto at = service_time();
    if (at > now) return;
    NodeList victims;
    on_wire_ = queue_.pop(pool_, at, victims);
    while (!victims.empty()) drop(victims.pop(pool_), Fate::kAqm);
    if (on_wire_ != kNoNode) leaves_wire_at_ = rate_.send({pool_[on_wire_].wire_bytes}, at);
  }
}

bool Chain::draw_outage(base::Instant at) {
  return outage_.settings().effect == OutageEffect::kDrop && outage_.next_on(at, rng(Stream::kOutage)) > at;
}

bool Chain::draw_loss(Node& node) {
  ++achieved_.judged;
  return loss_.next(rng(Stream::kLoss)) && !mark(node, marks_loss_);
}

void Chain::corrupt(Node& node) {
  if (!corrupt_.is_live() || !corrupt_.toss(rng(Stream::kCorrupt))) return;
  node.damage = {rng(Stream::kCorrupt)(), damage_};
}

bool Chain::draw_reorder() {
  if (!reorder_.is_live()) return false;
  if (++since_reorder_ < reorder_gap_ || !reorder_.toss(rng(Stream::kReorder))) return false;
  since_reorder_ = 0;
  return true;
}

void Chain::leave_wire(NodeId id, base::Instant at) {
  if (draw_outage(at)) return drop(id, Fate::kOutage);
  if (draw_loss(pool_[id])) return drop(id, Fate::kLost);
  ++achieved_.passed;
  corrupt(pool_[id]);
  const bool is_doubled = duplicate_.is_live() && duplicate_.toss(rng(Stream::kDuplicate));
  const NodeId copy = is_doubled ? pool_.copy(id) : kNoNode;
  delay(id, at);
  if (!is_doubled) return;
  ++achieved_.duplicated;
  place(copy, pool_[id].release);
}

void Chain::delay(NodeId id, base::Instant at) {
  const auto due = at + delay_.draw(rng(Stream::kDelay));
  place(id, draw_reorder() ? at : in_order(due, pool_[id].wire_bytes));
}

base::Instant Chain::in_order(base::Instant due, std::uint32_t wire_bytes) {
  if (due >= last_release_) {
    catches_up_ = false;
    return last_release_ = due;
  }
  // A shorter delay would let everything behind out at once: it comes at the rate of the line instead.
  if (catches_up_) last_release_ += SerialisingWire(rate_.nominal()).transmission_time({wire_bytes});
  return last_release_;
}

void Chain::place(NodeId id, base::Instant release) {
  if (line_.push(pool_, id, release) == Placed::kOvertakes) ++achieved_.reordered;
}

void Chain::push_as_netem(NodeId id, base::Instant now, bool may_duplicate) {
  const bool is_doubled = may_duplicate && duplicate_.is_live() && duplicate_.toss(rng(Stream::kDuplicate));
  const bool is_gone = draw_loss(pool_[id]);
  // A packet that is to be both doubled and lost passes once.
  if (is_gone && !is_doubled) return drop(id, Fate::kLost);
  const NodeId copy = is_doubled && !is_gone ? pool_.copy(id) : kNoNode;
  ++achieved_.passed;
  corrupt(pool_[id]);
  if (line_.packets() >= netem_limit_) {
    drop(id, Fate::kQueueFull);
  } else {
    schedule_as_netem(id, now);
  }
  if (copy == kNoNode) return;
  ++achieved_.duplicated;
  push_as_netem(copy, now, false);
}

void Chain::schedule_as_netem(NodeId id, base::Instant now) {
  if (draw_reorder()) return place(id, now);
  auto release = now + delay_.draw(rng(Stream::kDelay));
  if (netem_wire_) {
    if (!line_.empty()) release = std::max(release, line_.last_release(pool_));
    release += netem_wire_->transmission_time({pool_[id].wire_bytes});
    // At a bit a second a full queue would reach beyond the end of time.
    release = std::min(release, now + kFarthest);
  }
  place(id, release);
  last_release_ = line_.last_release(pool_);
}

void Chain::drop(NodeId id, Fate fate) {
  pool_[id].fate = fate;
  if (fate == Fate::kLost) ++achieved_.lost;
  if (fate == Fate::kOutage) ++achieved_.outage_drops;
  if (fate == Fate::kQueueFull) ++achieved_.queue_drops;
  if (fate == Fate::kAqm) ++achieved_.aqm_drops;
  dropped_.push(pool_, id);
}

std::optional<Emission> Chain::pop(base::Instant now) {
  serve(now);
  if (!dropped_.empty()) return emit(dropped_.pop(pool_));
  if (line_.empty() || slots_.opens(line_.next_release(pool_), rng(Stream::kSlot)) > now) return std::nullopt;
  const NodeId id = line_.pop(pool_);
  slots_.pass(pool_[id].release, {pool_[id].wire_bytes}, rng(Stream::kSlot));
  count(pool_[id], now);
  return emit(id);
}

void Chain::count(const Node& node, base::Instant now) {
  achieved_.delivered.add(1, {node.packet.size}, now);
  achieved_.delay.add(now - node.arrived);
  if (node.is_marked) ++achieved_.marked;
  if (node.damage) ++achieved_.corrupted;
}

Emission Chain::emit(NodeId id) {
  const Node& node = pool_[id];
  Emission emission{node.packet, node.fate, node.is_marked, false, node.damage};
  emission.is_last_use = pool_.give_back(id);
  return emission;
}

base::Instant Chain::next_wakeup() {
  if (!dropped_.empty()) return base::Instant::min();
  auto at = base::kNever;
  if (!line_.empty()) at = slots_.opens(line_.next_release(pool_), rng(Stream::kSlot));
  if (on_wire_ != kNoNode) return std::min(at, leaves_wire_at_ + least_delay_);
  return queue_.empty() ? at : std::min(at, service_time() + least_delay_);
}

NodeId Chain::take_any() {
  if (!dropped_.empty()) return dropped_.pop(pool_);
  if (!line_.empty()) return line_.pop(pool_);
  if (on_wire_ != kNoNode) return std::exchange(on_wire_, kNoNode);
  return queue_.pop_unmanaged(pool_);
}

std::optional<Emission> Chain::drain() {
  if (empty()) return std::nullopt;
  return emit(take_any());
}

}  // namespace sennit::impair
