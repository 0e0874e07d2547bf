// How one direction of a device, or of a link, is impaired: a value that a Chain is built from and changed
// to. Stands between config (which reads and prints it) and Chain. What is left at its default impairs
// nothing. Does not check itself: config refuses combinations that mean nothing. Reasons: docs/impairment.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "impair/damage.hpp"
#include "impair/delay_model.hpp"
#include "impair/loss.hpp"
#include "impair/outage.hpp"
#include "impair/overhead.hpp"
#include "impair/queue.hpp"
#include "impair/rate_stage.hpp"
#include "impair/slot_gate.hpp"

namespace sennit::impair {

// In which order packets meet the models.
enum class Order : std::uint8_t {
  kLink,   // overhead, rate queue, loss, delay: as a real line
  kNetem,  // loss, limit, delay, rate: as Linux's netem
};

// Which drops become marks on packets that are ECN-capable.
enum class EcnUse : std::uint8_t {
  kOff,    // none
  kQueue,  // those of queue management
  kAll,    // and those of the loss model, as netem's `ecn`
};

// Packets that pass those before them, without the delay.
struct ReorderSettings {
  RandomShare random = {};
  std::uint32_t gap = 1;  // only every gap-th packet may
  bool operator==(const ReorderSettings&) const = default;
};

struct CorruptSettings {
  RandomShare random = {};
  DamageMode mode = {};
  bool operator==(const CorruptSettings&) const = default;
};

struct Settings {
  Order order = Order::kLink;
  Overhead overhead = {};
  RateSettings rate = {};
  QueueLimit queue_limit = {};
  Aqm aqm = Aqm::kDropTail;
  EcnUse ecn = EcnUse::kQueue;
  LossSettings loss = {};
  OutageSettings outage = {};
  CorruptSettings corrupt = {};
  RandomShare duplicate = {};
  ReorderSettings reorder = {};
  DelaySettings delay = {};
  SlotSettings slot = {};
  std::optional<std::uint64_t> seed = {};
  std::string trace_file = {};         // where rate.trace was read from
  std::string distribution_file = {};  // where delay.table was read from
};

}  // namespace sennit::impair
