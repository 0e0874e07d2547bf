// A mahimahi trace: the times at which a recorded line could carry 1500 bytes more. Wraps at its end.
// Stands in the rate stage in place of a fixed rate. Read from text; the file is the caller's matter.
// Invariant: times do not fall, and the last is above zero, so that a round takes time.
// Format: mm-link(1); semantics: docs/impairment.md, "Traces".
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "impair/delay_table.hpp"

namespace sennit::impair {

class Trace {
 public:
  static constexpr std::uint32_t kOpportunityBytes = 1500;
  static constexpr std::size_t kMaxOpportunities = 10'000'000;

  // One whole number of milliseconds a line; # starts a comment.
  static std::variant<Trace, Refusal> parse(std::string_view text);
  // Time of the n-th opportunity, counted from zero and on through the rounds, since the trace began.
  base::Duration at(std::uint64_t n) const;
  // The first opportunity at or after `since_start`.
  std::uint64_t first_from(base::Duration since_start) const;
  base::Duration period() const { return std::chrono::milliseconds(times_.back()); }
  base::BitRate mean_rate() const;

 private:
  std::vector<std::uint32_t> times_;  // milliseconds
};

}  // namespace sennit::impair
