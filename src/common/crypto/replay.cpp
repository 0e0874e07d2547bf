#include "crypto/replay.hpp"

#include <algorithm>

namespace sennit::crypto {

std::uint64_t ReplayWindow::reconstruct(std::uint32_t low_bits) const {
  constexpr std::uint64_t kSpan = std::uint64_t{1} << 32U;
  const auto ahead = low_bits - static_cast<std::uint32_t>(expected_);
  const auto candidate = expected_ + ahead;
  const bool nearer_behind = ahead > kSpan / 2;
  return nearer_behind && candidate >= kSpan ? candidate - kSpan : candidate;
}

bool ReplayWindow::is_fresh(std::uint64_t counter) const {
  if (counter >= expected_) return true;
  if (expected_ - counter > kWindow) return false;
  return (word(counter) & bit(counter)) == 0;
}

ReplayWindow::Verdict ReplayWindow::accept(std::uint64_t counter) {
  if (!is_fresh(counter)) return Verdict::kReplayed;
  const bool newest = counter >= expected_;
  if (newest) advance_to(counter);
  word(counter) |= bit(counter);
  ++received_;
  return newest ? Verdict::kNewest : Verdict::kReordered;
}

void ReplayWindow::advance_to(std::uint64_t counter) {
  const auto from = expected_ == 0 ? 0 : (expected_ - 1) / kWordBits;
  const auto passed = std::min(counter / kWordBits - from, kWords);
  for (std::uint64_t i = 1; i <= passed; ++i) words_[(from + i) % kWords] = 0;
  expected_ = counter + 1;
}

}  // namespace sennit::crypto
