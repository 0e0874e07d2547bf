#include "base/traffic.hpp"

#include <algorithm>

namespace sennit::base {

void TrafficCounter::advance(Instant now) {
  const auto second = second_of(now);
  if (second <= current_) return;
  if (second - current_ > static_cast<std::int64_t>(kSlots)) {
    slots_.fill(0);
  } else {
    for (auto s = current_ + 1; s <= second; ++s) slots_[index(s)] = 0;
  }
  current_ = second;
  current_end_ = Instant(std::chrono::seconds(second + 1));
}

std::uint64_t TrafficCounter::slot(std::int64_t second) const {
  const bool kept = second <= current_ && current_ - second <= static_cast<std::int64_t>(kSlots);
  return kept && second >= 0 ? slots_[index(second)] : 0;
}

BitRate TrafficCounter::rate(Instant now) const {
  return {slot(second_of(now) - 1) * 8};
}

BitRate TrafficCounter::rate_mean(Instant now) const {
  std::uint64_t sum = 0;
  for (std::int64_t back = 1; back <= static_cast<std::int64_t>(kSlots); ++back) {
    sum += slot(second_of(now) - back);
  }
  return {sum * 8 / kSlots};
}

BitRate TrafficCounter::rate_max(Instant now) const {
  std::uint64_t highest = 0;
  for (std::int64_t back = 1; back <= static_cast<std::int64_t>(kSlots); ++back) {
    highest = std::max(highest, slot(second_of(now) - back));
  }
  return {highest * 8};
}

}  // namespace sennit::base
