#include "outbound/fragment.hpp"

namespace sennit::outbound {

std::optional<FragmentPlan> plan_fragments(base::Bytes size, base::Bytes largest) {
  if (largest.value == 0 || size.value == 0) return std::nullopt;
  const auto count = (size.value + largest.value - 1) / largest.value;
  if (count > wire::FragmentPosition::kMaxFragments) return std::nullopt;
  return FragmentPlan{static_cast<std::uint8_t>(count),
                      static_cast<std::size_t>((size.value + count - 1) / count)};
}

}  // namespace sennit::outbound
