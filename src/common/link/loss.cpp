#include "link/loss.hpp"

#include <algorithm>

namespace sennit::link {

void LossEstimator::report(std::uint32_t received, std::uint32_t expected) {
  const std::uint32_t sent_since = expected - expected_;
  const std::uint32_t received_since = received - received_;
  const bool is_newer = sent_since != 0 && sent_since < 0x8000'0000U;
  if (known_ && !is_newer) return;
  if (known_) {
    constexpr double kMemory = 500;
    const double share = 1.0 - std::min(1.0, static_cast<double>(received_since) / sent_since);
    const double weight = std::min(1.0, sent_since / kMemory);
    loss_ += weight * (share - loss_);
  }
  known_ = true;
  received_ = received;
  expected_ = expected;
}

}  // namespace sennit::link
