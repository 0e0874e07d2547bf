#include "server/tc/lane_plan.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "impair/match.hpp"
#include "impair/tc_refusal.hpp"

namespace sennit::server::tc {

namespace {

using impair::Probability;
using impair::RandomShare;
using impair::Settings;

constexpr base::BitRate kNoLimit{40'000'000'000};
// Netem keeps the order of packets while it has a rate; at this one it delays none noticeably.
constexpr base::BitRate kOrderKeeper{800'000'000'000};
constexpr std::uint64_t kFullPacket = 1500;
// Of what is delayed: netem counts packets, and would lose those of a call where it had room for full ones
// alone.
constexpr std::uint64_t kMeanPacket = 500;
constexpr std::uint64_t kLeastPackets = 10;
constexpr std::uint64_t kPacketsWithoutRate = 200'000;
constexpr std::uint32_t kNetemLimit = 1000;
constexpr std::uint64_t kFqCodelPackets = 10'240;
constexpr base::Duration kDefaultQueue = std::chrono::milliseconds(250);
// A busy kernel may be so late.
constexpr base::Duration kTimerTick = std::chrono::milliseconds(4);
constexpr std::size_t kTableSize = 4096;
constexpr std::size_t kMostTable = 16'384;  // NETEM_DIST_MAX
constexpr double kTableUnit = 8192;
constexpr std::uint32_t kAtmCell = 48;
constexpr std::int32_t kAtmCellHeader = 5;

// A quotient, rounded up, that never overflows.
std::uint64_t bytes_in(base::BitRate rate, base::Duration time) {
  return static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(rate.bits_per_second) / 8 * base::to_seconds(time)));
}

std::uint64_t packets_of(std::uint64_t bytes, std::uint64_t size) {
  return (bytes + size - 1) / size;
}

impair::Packets packets(std::uint64_t count) {
  return {static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX))};
}

// The queue's limit in bytes, for limits that are not in packets.
std::uint64_t queue_bytes(const impair::QueueLimit& limit, base::BitRate rate) {
  if (const auto* bytes = std::get_if<base::Bytes>(&limit)) return std::max(bytes->value, kFullPacket);
  const auto* time = std::get_if<base::Duration>(&limit);
  const auto least = time == nullptr ? kLeastPackets * kFullPacket : kFullPacket;
  return std::max(bytes_in(rate, time == nullptr ? kDefaultQueue : *time), least);
}

std::uint64_t queue_packets(const impair::QueueLimit& limit, base::BitRate rate) {
  if (const auto* count = std::get_if<impair::Packets>(&limit)) return std::max(1U, count->value);
  if (rate.bits_per_second == 0 && !std::holds_alternative<base::Bytes>(limit)) return kPacketsWithoutRate;
  return packets_of(queue_bytes(limit, rate), kFullPacket);
}

// All that netem holds: what is delayed, and what waits for the rate. Where that has a fifo of its own, far
// more than the line takes may come and be delayed before it finds the queue full.
impair::Packets netem_limit(const Settings& s, NetemQueue queue) {
  if (s.order == impair::Order::kNetem) {
    const auto* count = std::get_if<impair::Packets>(&s.queue_limit);
    return count == nullptr ? impair::Packets{kNetemLimit} : *count;
  }
  const auto delayed = packets_of(bytes_in(s.rate.rate, s.delay.delay + s.delay.jitter), kMeanPacket);
  const auto all = delayed + queue_packets(s.queue_limit, s.rate.rate);
  return packets(queue == NetemQueue::kFifo ? std::max(all, kPacketsWithoutRate) : all);
}

std::int16_t table_entry(double deviation) {
  return static_cast<std::int16_t>(std::clamp(std::round(deviation * kTableUnit), -32768.0, 32767.0));
}

std::vector<std::int16_t> table_of(const impair::DelaySettings& delay) {
  if (delay.jitter == base::Duration::zero()) return {};
  const bool is_read = delay.distribution == impair::Distribution::kTable && delay.table;
  std::vector<std::int16_t> table(is_read ? std::min(delay.table->size(), kMostTable) : kTableSize);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(table.size());
    table[i] = table_entry(is_read ? delay.table->quantile(u) : impair::quantile(delay.distribution, u));
  }
  return table;
}

// The two-state chain with this share and lag-1 correlation, as netem's Gilbert-Elliott model.
impair::GilbertElliott chain(double share, double correlation) {
  return {{share * (1 - correlation)}, {(1 - share) * (1 - correlation)}, {1}, {0}};
}

NetemLoss loss_of(const impair::LossSettings& loss) {
  return std::visit(impair::Match{[](std::monostate) -> NetemLoss { return Probability{}; },
                                  [](const RandomShare& random) -> NetemLoss {
                                    if (random.correlation.value <= 0) return random.share;
                                    return chain(random.share.value, random.correlation.value);
                                  },
                                  [](const impair::BurstLoss& burst) -> NetemLoss {
                                    const double p = burst.share.value;
                                    if (p >= 1) return Probability{1};
                                    return impair::GilbertElliott{
                                        {p / ((1 - p) * burst.mean_burst)}, {1 / burst.mean_burst}, {1}, {0}};
                                  },
                                  [](const auto& model) -> NetemLoss { return model; }},
                    loss);
}

NetemRate netem_rate_of(const Settings& s) {
  if (s.order == impair::Order::kLink)
    return {.rate = s.delay.jitter > base::Duration::zero() ? kOrderKeeper : base::BitRate{}};
  NetemRate rate{.rate = s.rate.rate, .overhead = s.overhead.bytes};
  if (s.overhead.framing != impair::Framing::kAtm) return rate;
  rate.cell = kAtmCell;
  rate.cell_overhead = kAtmCellHeader;
  return rate;
}

Fifo fifo_of(const Settings& s) {
  // netem's own rate has netem's own queue.
  const bool has_rate = s.rate.rate.bits_per_second != 0 && s.order == impair::Order::kLink;
  if (!has_rate) return ByteFifo{{kPacketsWithoutRate * kFullPacket}};
  if (std::holds_alternative<impair::Packets>(s.queue_limit))
    return PacketFifo{packets(queue_packets(s.queue_limit, s.rate.rate))};
  return ByteFifo{{queue_bytes(s.queue_limit, s.rate.rate)}};
}

Netem netem_of(const Settings& s, NetemQueue queue) {
  const bool reorders = s.reorder.random.share.value > 0;
  const bool marks = s.ecn == impair::EcnUse::kAll && !std::holds_alternative<std::monostate>(s.loss);
  return {.delay = s.delay.delay,
          .jitter = s.delay.jitter,
          .table = table_of(s.delay),
          .limit = netem_limit(s, queue),
          .loss = loss_of(s.loss),
          .loss_marks = marks ? impair::Marking::kOn : impair::Marking::kOff,
          .corrupt = s.corrupt.random.share,
          .duplicate = s.duplicate.share,
          .reorder = s.reorder.random.share,
          .reorder_gap = reorders ? std::max(1U, s.reorder.gap) : 0,
          .rate = netem_rate_of(s),
          .slot = s.slot,
          .queue = queue == NetemQueue::kFifo ? std::optional(fifo_of(s)) : std::nullopt};
}

Leaf queue_of(const Settings& s) {
  if (s.aqm == impair::Aqm::kFqCodel) {
    const auto marking = s.ecn == impair::EcnUse::kOff ? impair::Marking::kOff : impair::Marking::kOn;
    const auto codel = impair::CoDelParameters::for_rate(s.rate.rate, marking);
    const auto limit = std::min(queue_packets(s.queue_limit, s.rate.rate), kFqCodelPackets);
    return FqCodel{packets(limit), codel.target, codel.interval, marking};
  }
  if (s.rate.rate.bits_per_second == 0) return PacketFifo{packets(queue_packets(s.queue_limit, s.rate.rate))};
  return std::visit([](const auto& fifo) -> Leaf { return fifo; }, fifo_of(s));
}

ShapedClass shape_of(const Settings& s) {
  const bool has_rate = s.rate.rate.bits_per_second != 0 && s.order == impair::Order::kLink;
  ShapedClass shape{.rate = has_rate ? s.rate.rate : kNoLimit};
  const auto tick = bytes_in(shape.rate, kTimerTick);
  const auto asked = has_rate ? s.rate.burst.value : 0;
  shape.burst = {asked != 0 ? asked : std::max(tick, 2 * kFullPacket)};
  if (!has_rate) return shape;
  shape.overhead = static_cast<std::uint16_t>(std::clamp(s.overhead.bytes, 0, UINT16_MAX));
  shape.least = static_cast<std::uint16_t>(std::min<std::uint32_t>(s.overhead.least, UINT16_MAX));
  if (s.overhead.framing == impair::Framing::kAtm) shape.link_layer = LinkLayer::kAtm;
  return shape;
}

// Of the same kind, with room for whatever is sent without a rate.
Fifo wide(const Fifo& fifo) {
  if (std::holds_alternative<PacketFifo>(fifo)) return PacketFifo{packets(kPacketsWithoutRate)};
  return ByteFifo{{kPacketsWithoutRate * kFullPacket}};
}

Netem unimpaired_netem(const Netem& netem) {
  Netem quick{.limit = packets(kPacketsWithoutRate), .rate = {.rate = kOrderKeeper}};
  if (netem.queue) quick.queue = wide(*netem.queue);
  return quick;
}

}  // namespace

bool are_of_one_kind(const Leaf& one, const Leaf& other) {
  if (one.index() != other.index()) return false;
  const auto* netem = std::get_if<Netem>(&one);
  if (netem == nullptr) return true;
  const auto& queue = std::get<Netem>(other).queue;
  if (!netem->queue || !queue) return netem->queue.has_value() == queue.has_value();
  return netem->queue->index() == queue->index();
}

LanePlan unimpaired(const LanePlan& plan) {
  const auto leaf =
      std::visit(impair::Match{[](const Netem& netem) -> Leaf { return unimpaired_netem(netem); },
                               [](const auto& queue) -> Leaf { return queue; }},
                 plan.leaf);
  return {shape_of({}), leaf};
}

std::variant<LanePlan, impair::Refusal> plan_lane(const Settings& settings, NetemQueue queue) {
  if (auto refused = impair::tc_refusal(settings)) return std::move(*refused);
  return LanePlan{shape_of(settings),
                  needs_netem(settings) ? Leaf(netem_of(settings, queue)) : queue_of(settings)};
}

}  // namespace sennit::server::tc
