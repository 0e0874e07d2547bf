#include "sim/number_ranges.hpp"

namespace sennit::sim {

NumberRange NumberRanges::around(std::uint64_t number) const {
  const auto after = ranges_.upper_bound(number);
  if (after == ranges_.begin()) return {};
  const auto [first, end] = *std::prev(after);
  return number < end ? NumberRange{first, end} : NumberRange{};
}

bool NumberRanges::insert(std::uint64_t number) {
  auto after = ranges_.upper_bound(number);
  auto at = ranges_.end();
  if (after != ranges_.begin()) {
    at = std::prev(after);
    if (number < at->second) return false;
    if (number > at->second) at = ranges_.end();
  }
  if (at == ranges_.end())
    at = ranges_.emplace_hint(after, number, number + 1);
  else
    at->second = number + 1;
  if (after != ranges_.end() && after->first == at->second) {
    at->second = after->second;
    ranges_.erase(after);
  }
  return true;
}

std::vector<NumberRange> NumberRanges::highest(std::size_t most) const {
  std::vector<NumberRange> found;
  for (auto at = ranges_.rbegin(); at != ranges_.rend() && found.size() < most; ++at) {
    found.push_back({at->first, at->second});
  }
  return found;
}

}  // namespace sennit::sim
