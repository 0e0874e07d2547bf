#include "impair/queue.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "impair/match.hpp"

namespace sennit::impair {

namespace {

constexpr base::Duration kDefaultTime = std::chrono::milliseconds(250);
constexpr std::uint64_t kDefaultLeast = 15'180;  // ten full packets on Ethernet
// No limit lets a line that is out, or slower than thought, take all memory.
constexpr std::uint32_t kMostPackets = 1'000'000;
// Without a rate there is a queue only while the line is out.
constexpr std::uint32_t kPacketsWithoutRate = 1'000;

std::uint64_t bytes_in(base::Duration time, base::BitRate rate) {
  return static_cast<std::uint64_t>(base::to_seconds(time) * static_cast<double>(rate.bits_per_second) / 8);
}

}  // namespace

Queue::Limits Queue::limits_of(const QueueSettings& settings, base::BitRate rate) {
  constexpr auto kAnyBytes = std::numeric_limits<std::uint64_t>::max();
  const bool has_rate = rate > base::BitRate{};
  return std::visit(Match{[&](std::monostate) {
                            return has_rate ? Limits{std::max(bytes_in(kDefaultTime, rate), kDefaultLeast),
                                                     kMostPackets}
                                            : Limits{kAnyBytes, kPacketsWithoutRate};
                          },
                          [&](base::Duration time) {
                            return has_rate ? Limits{bytes_in(time, rate), kMostPackets}
                                            : Limits{kAnyBytes, kPacketsWithoutRate};
                          },
                          [](base::Bytes size) {
                            return Limits{size.value, kMostPackets};
                          },
                          [](Packets packets) {
                            return Limits{kAnyBytes, packets.value};
                          }},
                    settings.limit);
}

Queue::Discipline Queue::discipline_of(Aqm aqm) {
  switch (aqm) {
    case Aqm::kDropTail: break;
    case Aqm::kCoDel: return CoDelQueue{};
    case Aqm::kFqCodel: return FairQueue(FlowManagement::kCoDel);
    case Aqm::kFair: return FairQueue(FlowManagement::kNone);
    case Aqm::kPriorityBands: return PriorityBands{};
  }
  return Backlog{};
}

Queue::Queue(const QueueSettings& settings, base::BitRate rate) : discipline_(discipline_of(settings.aqm)) {
  apply(settings, rate);
}

void Queue::apply(const QueueSettings& settings, base::BitRate rate) {
  settings_ = settings;
  limits_ = limits_of(settings, rate);
  codel_ = CoDelParameters::for_rate(rate, settings.marking);
}

void Queue::put(PacketPool& pool, NodeId id) {
  ++packets_;
  bytes_ += pool[id].wire_bytes;
  std::visit(Match{[&](CoDelQueue& queue) { queue.backlog.push(pool, id); },
                   [&](auto& discipline) { discipline.push(pool, id); }},
             discipline_);
}

NodeId Queue::evict(PacketPool& pool, NodeId newcomer) {
  if (auto* fair = std::get_if<FairQueue>(&discipline_)) return fair->pop_longest(pool);
  auto* bands = std::get_if<PriorityBands>(&discipline_);
  if (bands == nullptr || bands->lowest() <= PriorityBands::band_of(pool[newcomer].packet.dscp))
    return kNoNode;
  return bands->pop_lowest(pool);
}

void Queue::push(PacketPool& pool, NodeId id, base::Instant now, NodeList& dropped) {
  const auto fits = [&] {
    return empty() || (packets_ < limits_.packets && bytes_ + pool[id].wire_bytes <= limits_.bytes);
  };
  while (!fits()) {
    const NodeId victim = evict(pool, id);
    if (victim == kNoNode) return dropped.push(pool, id);
    forget(pool, victim);
    dropped.push(pool, victim);
  }
  if (empty()) waiting_since_ = now;
  put(pool, id);
}

NodeId Queue::take(PacketPool& pool, base::Instant now, NodeList& dropped) {
  return std::visit(
      Match{[&](Backlog& backlog) { return backlog.list.empty() ? kNoNode : backlog.pop(pool); },
            [&](CoDelQueue& queue) { return queue.codel.pop(codel_, pool, queue.backlog, now, dropped); },
            [&](FairQueue& queue) { return queue.pop(codel_, pool, now, dropped); },
            [&](PriorityBands& bands) { return bands.pop(pool); }},
      discipline_);
}

NodeId Queue::pop(PacketPool& pool, base::Instant now, NodeList& dropped) {
  NodeList gone;
  const NodeId id = take(pool, now, gone);
  while (!gone.empty()) {
    const NodeId victim = gone.pop(pool);
    forget(pool, victim);
    dropped.push(pool, victim);
  }
  if (id != kNoNode) forget(pool, id);
  return id;
}

void Queue::forget(const PacketPool& pool, NodeId id) {
  --packets_;
  bytes_ -= pool[id].wire_bytes;
}

NodeId Queue::pop_unmanaged(PacketPool& pool) {
  const NodeId id = std::visit(Match{[&](Backlog& backlog) { return backlog.pop(pool); },
                                     [&](CoDelQueue& queue) { return queue.backlog.pop(pool); },
                                     [&](FairQueue& queue) { return queue.pop_longest(pool); },
                                     [&](PriorityBands& bands) { return bands.pop_lowest(pool); }},
                               discipline_);
  forget(pool, id);
  return id;
}

void Queue::change(const QueueSettings& settings, base::BitRate rate, PacketPool& pool) {
  if (settings.aqm != settings_.aqm) {
    std::vector<NodeId> waiting;
    while (!empty()) waiting.push_back(pop_unmanaged(pool));
    std::ranges::stable_sort(waiting, {}, [&](NodeId id) { return pool[id].arrived; });
    discipline_ = discipline_of(settings.aqm);
    for (const NodeId id : waiting) put(pool, id);
  }
  apply(settings, rate);
}

}  // namespace sennit::impair
