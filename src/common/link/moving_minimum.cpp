#include "link/moving_minimum.hpp"

#include <algorithm>

namespace sennit::link {

void MovingMinimum::add(base::Duration value, base::Instant now) {
  if (!current_.least || now - current_.start >= slot_) {
    former_ = current_;
    current_ = {now, value};
    return;
  }
  current_.least = std::min(*current_.least, value);
}

std::optional<base::Duration> MovingMinimum::value(base::Instant now) const {
  std::optional<base::Duration> least;
  for (const Slot& slot : {current_, former_}) {
    if (!slot.least || now - slot.start > 2 * slot_) continue;
    least = least ? std::min(*least, *slot.least) : *slot.least;
  }
  return least;
}

}  // namespace sennit::link
