#include "impair/slot_gate.hpp"

#include <algorithm>

namespace sennit::impair {

base::Duration SlotGate::gap(base::Rng& rng) const {
  const auto width = static_cast<std::uint64_t>((settings_.most - settings_.least).count()) + 1;
  return settings_.least + base::Duration(static_cast<base::Duration::rep>(rng.below(width)));
}

void SlotGate::next_slot(base::Instant at) {
  slot_ = at;
  packets_ = 0;
  bytes_ = {};
}

void SlotGate::advance(base::Instant due, base::Rng& rng) {
  if (slot_ == base::Instant::min()) next_slot(due);
  // After a silence the slots between are not drawn one by one.
  if (slot_ + 2 * settings_.most < due) next_slot(due - gap(rng));
  while (slot_ < due) next_slot(slot_ + std::max(gap(rng), base::Duration(1)));
}

base::Instant SlotGate::opens(base::Instant due, base::Rng rng) const {
  if (!has_slots()) return due;
  SlotGate ahead = *this;
  ahead.advance(due, rng);
  return ahead.slot_;
}

void SlotGate::pass(base::Instant due, base::Bytes size, base::Rng& rng) {
  if (!has_slots()) return;
  advance(due, rng);
  ++packets_;
  bytes_ += size;
  const bool is_used_up = (settings_.packets > 0 && packets_ >= settings_.packets) ||
                          (settings_.bytes > base::Bytes{} && bytes_ >= settings_.bytes);
  if (is_used_up) next_slot(slot_ + gap(rng));
}

}  // namespace sennit::impair
