// The least value of the last one to two slots of time, in constant space; a slot is half a minute if nothing
// else is said. Used for base RTT and base one-way delay, which may rise when a route changes and must then
// be forgotten.
#pragma once

#include <chrono>
#include <optional>

#include "base/time.hpp"

namespace sennit::link {

class MovingMinimum {
 public:
  static constexpr base::Duration kSlot = std::chrono::seconds(30);

  MovingMinimum() = default;
  explicit MovingMinimum(base::Duration slot) : slot_(slot) {}

  void add(base::Duration value, base::Instant now);
  // None when nothing was added lately: for one slot at the least, two at the most.
  std::optional<base::Duration> value(base::Instant now) const;

 private:
  struct Slot {
    base::Instant start = base::Instant::min();
    std::optional<base::Duration> least;
  };
  base::Duration slot_ = kSlot;
  Slot current_;
  Slot former_;
};

}  // namespace sennit::link
