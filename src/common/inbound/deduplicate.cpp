#include "inbound/deduplicate.hpp"

namespace sennit::inbound {

bool Deduplicator::accept(base::FlowBucket bucket, base::FlowSequence sequence) {
  auto& window = windows_[base::FlowBucket{static_cast<std::uint16_t>(bucket.value % kMaxBuckets)}];
  if (!window) window = std::make_unique<Window>();
  const auto ahead = static_cast<std::int32_t>(sequence.value - window->next);
  if (ahead >= 0) {
    const auto steps = static_cast<std::uint32_t>(ahead) + 1;
    if (steps >= kWindow) window->seen.reset();
    for (std::uint32_t i = 0; i < steps && steps < kWindow; ++i)
      window->seen.reset((window->next + i) % kWindow);
    window->next = sequence.value + 1;
  } else if (window->next - sequence.value > kWindow || window->seen.test(sequence.value % kWindow)) {
    return false;
  }
  window->seen.set(sequence.value % kWindow);
  return true;
}

}  // namespace sennit::inbound
