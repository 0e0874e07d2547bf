// Lets packets out in slots, as Wi-Fi, DOCSIS and cellular schedulers do (netem's `slot`): at drawn times, so
// many packets or bytes each. Stands behind the delay line.
// Invariant: slots follow one another by `least` to `most`; a packet leaves in a slot, not before it is due;
// which slot follows from the packets that left, not from how often it was asked.
#pragma once

#include <cstdint>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::impair {

struct SlotSettings {
  base::Duration least = {};
  base::Duration most = {};   // zero: no slots
  std::uint32_t packets = 0;  // of a slot; zero: any number
  base::Bytes bytes = {};     // of a slot; zero: any number
  bool operator==(const SlotSettings&) const = default;
};

class SlotGate {
 public:
  SlotGate() = default;
  explicit SlotGate(const SlotSettings& settings) : settings_(settings) {}
  // When a packet that is due at `due` may leave. Looks ahead: nothing is drawn for good.
  base::Instant opens(base::Instant due, base::Rng rng) const;
  // A packet that was due at `due` leaves, in the slot that opens() told.
  void pass(base::Instant due, base::Bytes size, base::Rng& rng);
  const SlotSettings& settings() const { return settings_; }

 private:
  bool has_slots() const { return settings_.most > base::Duration::zero(); }
  base::Duration gap(base::Rng& rng) const;
  void next_slot(base::Instant at);
  // Goes on to the first slot not before `due`.
  void advance(base::Instant due, base::Rng& rng);

  SlotSettings settings_;
  base::Instant slot_ = base::Instant::min();
  std::uint32_t packets_ = 0;  // passed in this slot
  base::Bytes bytes_;
};

}  // namespace sennit::impair
