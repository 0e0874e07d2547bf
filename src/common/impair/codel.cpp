#include "impair/codel.hpp"

#include <algorithm>
#include <cmath>

#include "impair/serialising_wire.hpp"

namespace sennit::impair {

namespace {
constexpr std::uint64_t kFullPacket = 1514;
// 33 cells of ATM: a full packet over PPPoE.
constexpr base::Bytes kLargestOnWire{std::uint64_t{33} * 53};
}  // namespace

CoDelParameters CoDelParameters::for_rate(base::BitRate rate, Marking marking) {
  CoDelParameters parameters{.marking = marking};
  if (rate == base::BitRate{}) return parameters;
  parameters.target = std::max(parameters.target, SerialisingWire(rate).transmission_time(kLargestOnWire));
  parameters.interval = parameters.target + std::chrono::milliseconds(95);
  return parameters;
}

void Backlog::push(PacketPool& pool, NodeId id) {
  bytes += pool[id].wire_bytes;
  list.push(pool, id);
}

NodeId Backlog::pop(PacketPool& pool) {
  const NodeId id = list.pop(pool);
  bytes -= pool[id].wire_bytes;
  return id;
}

bool mark(Node& node, Marking marking) {
  if (marking == Marking::kOff || node.packet.ecn == Ecn::kNotCapable) return false;
  node.is_marked = node.is_marked || node.packet.ecn != Ecn::kCongestion;
  node.packet.ecn = Ecn::kCongestion;
  return true;
}

CoDel::Head CoDel::take(const CoDelParameters& parameters, PacketPool& pool, Backlog& backlog,
                        base::Instant now) {
  if (backlog.list.empty()) {
    first_above_ = base::Instant::min();
    return {kNoNode, false};
  }
  const NodeId id = backlog.pop(pool);
  if (now - pool[id].arrived < parameters.target || backlog.bytes <= kFullPacket) {
    first_above_ = base::Instant::min();
    return {id, false};
  }
  if (first_above_ == base::Instant::min()) first_above_ = now + parameters.interval;
  return {id, now >= first_above_};
}

base::Instant CoDel::next_drop(base::Instant from, base::Duration interval) const {
  const double wait = static_cast<double>(interval.count()) / std::sqrt(static_cast<double>(count_));
  return from + base::Duration(std::llround(wait));
}

CoDel::Head CoDel::punish(const CoDelParameters& parameters, PacketPool& pool, Backlog& backlog,
                          base::Instant now, NodeList& dropped, Head head) {
  if (mark(pool[head.id], parameters.marking)) return {head.id, false};
  dropped.push(pool, head.id);
  return take(parameters, pool, backlog, now);
}

void CoDel::start_dropping(const CoDelParameters& parameters, base::Instant now) {
  is_dropping_ = true;
  const auto recent = count_ - last_count_;
  const bool goes_on = recent > 1 && now - drop_next_ < 16 * parameters.interval;
  count_ = goes_on ? recent : 1;
  last_count_ = count_;
  drop_next_ = next_drop(now, parameters.interval);
}

NodeId CoDel::pop(const CoDelParameters& parameters, PacketPool& pool, Backlog& backlog, base::Instant now,
                  NodeList& dropped) {
  Head head = take(parameters, pool, backlog, now);
  if (!is_dropping_) {
    if (!head.may_drop) return head.id;
    head = punish(parameters, pool, backlog, now, dropped, head);
    start_dropping(parameters, now);
    return head.id;
  }
  is_dropping_ = head.may_drop;
  while (is_dropping_ && now >= drop_next_) {
    ++count_;
    const auto before = head.id;
    head = punish(parameters, pool, backlog, now, dropped, head);
    drop_next_ = next_drop(drop_next_, parameters.interval);
    if (head.id == before) break;
    is_dropping_ = head.may_drop;
  }
  return head.id;
}

}  // namespace sennit::impair
