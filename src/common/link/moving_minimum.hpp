// The least value of the last half to full minute, in constant space: two half-minute slots.
// Used for base RTT and base one-way delay, which may rise when a route changes and must then be forgotten.
#pragma once

#include <chrono>
#include <optional>

#include "base/time.hpp"

namespace sennit::link {

class MovingMinimum {
 public:
  static constexpr base::Duration kSlot = std::chrono::seconds(30);

  void add(base::Duration value, base::Instant now);
  // None when nothing was added lately: for half a minute at the least, a full minute at the most.
  std::optional<base::Duration> value(base::Instant now) const;

 private:
  struct Slot {
    base::Instant start = base::Instant::min();
    std::optional<base::Duration> least;
  };
  Slot current_;
  Slot former_;
};

}  // namespace sennit::link
