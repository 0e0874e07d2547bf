// What the settings of one direction of a device come to in the kernel: an HTB class, and the qdisc in it.
// Between impairment settings and `encode`. Pure: knows neither interfaces nor what this kernel has.
// Invariant: a plan does what the settings say, or there is none and the refusal names the key.
// Reasons: docs/shaping.md, "What settings become".
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "impair/delay_table.hpp"
#include "impair/settings.hpp"

namespace sennit::server::tc {

// The kernel's numbers (linux/pkt_sched.h).
enum class LinkLayer : std::uint8_t { kEthernet = 1, kAtm = 2 };

// Sizes are those of IP packets, to which `overhead` is added.
struct ShapedClass {
  base::BitRate rate = {};
  base::Bytes burst = {};
  std::uint16_t overhead = 0;
  std::uint16_t least = 0;
  LinkLayer link_layer = LinkLayer::kEthernet;
  bool operator==(const ShapedClass&) const = default;
};

struct ByteFifo {
  base::Bytes limit;
  bool operator==(const ByteFifo&) const = default;
};

struct PacketFifo {
  impair::Packets limit;
  bool operator==(const PacketFifo&) const = default;
};

struct FqCodel {
  impair::Packets limit;
  base::Duration target{};
  base::Duration interval{};
  impair::Marking marking = impair::Marking::kOn;
};

// netem's own rate, behind its delay; zero: none.
struct NetemRate {
  base::BitRate rate = {};
  std::int32_t overhead = 0;
  std::uint32_t cell = 0;
  std::int32_t cell_overhead = 0;
  bool operator==(const NetemRate&) const = default;
};

using Fifo = std::variant<ByteFifo, PacketFifo>;

using NetemLoss = std::variant<impair::Probability, impair::GilbertElliott, impair::FourState>;

struct Netem {
  base::Duration delay{};
  base::Duration jitter{};
  std::vector<std::int16_t> table = {};  // of deviations, in 1/8192 of the jitter; empty without jitter
  impair::Packets limit = {};
  NetemLoss loss = {};
  impair::Marking loss_marks = impair::Marking::kOff;  // ECN-capable packets instead of losing them
  impair::Probability corrupt = {};
  impair::Probability duplicate = {};
  impair::Probability reorder = {};
  std::uint32_t reorder_gap = 0;
  NetemRate rate = {};
  impair::SlotSettings slot = {};
  std::optional<Fifo> queue = {};  // inside: what waits for the class's rate; none: `limit` is of that too
};

using Leaf = std::variant<ByteFifo, PacketFifo, FqCodel, Netem>;

struct LanePlan {
  ShapedClass shape;
  Leaf leaf;
};

// Where netem holds what waits for the rate.
enum class NetemQueue : std::uint8_t {
  kLimit,  // with what is delayed, within its limit; the kernel counts that limit's drops as it counts losses
  kFifo,   // in a fifo inside, which has counts of its own
};

// Whether one leaf can become the other while packets are in it.
bool are_of_one_kind(const Leaf& one, const Leaf& other);

// The same kinds, so that a class can be changed to it; what is inside leaves in its time, and what comes
// later behind it, without any other delay or loss.
LanePlan unimpaired(const LanePlan& plan);

// What tc does for these settings, or the key that it cannot do and why.
std::variant<LanePlan, impair::Refusal> plan_lane(const impair::Settings& settings,
                                                  NetemQueue queue = NetemQueue::kFifo);

}  // namespace sennit::server::tc
