// A delay distribution as iproute2 keeps it in /usr/lib/tc/*.dist: the inverse of the distribution function
// at equal steps, in 1/8192 of the jitter. Read from text; the file is the caller's matter.
// Invariant: holds 1 to kMaxEntries entries.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sennit::impair {

// Why a text was not taken, "line 3 holds something else than numbers of -32768 to 32767".
struct Refusal {
  std::string why;
};

class DelayTable {
 public:
  static constexpr std::size_t kMaxEntries = 65536;

  // Numbers between blanks; a line that starts with # is a comment.
  static std::variant<DelayTable, Refusal> parse(std::string_view text);
  // The deviation at the share `u` (0 to 1) of all values, in units of the jitter; straight between entries.
  double quantile(double u) const;
  std::size_t size() const { return entries_.size(); }

 private:
  std::vector<std::int16_t> entries_;
};

}  // namespace sennit::impair
