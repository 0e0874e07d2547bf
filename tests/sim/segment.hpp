// What the two ends of a transfer tell each other, whatever protocol it is written in: numbered segments one
// way, acknowledgements the other. A segment has the number of its place in the data and, because it may be
// sent again, the number of its transmission. TCP acknowledges places (RFC 2018), QUIC transmissions
// (RFC 9000 section 13.2).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/inner_ip.hpp"

namespace sennit::sim {

struct Segment {
  std::uint64_t place = 0;
  std::uint64_t transmission = 0;
  std::uint32_t stamp = 0;  // the sender's milliseconds
  bool is_window_reduced = false;
  Ecn ecn = Ecn::kCapable0;
};

struct NumberRange {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  bool operator==(const NumberRange&) const = default;
};

struct Acknowledgement {
  std::uint64_t next = 0;                    // every place below has arrived; TCP only
  std::vector<NumberRange> ranges{};         // places above that, or transmissions; the newest first
  std::optional<std::uint64_t> duplicate{};  // the place that arrived a second time (RFC 2883); TCP only
  std::uint32_t echo = 0;                    // of the stamp; TCP only
  bool is_congested = false;                 // a mark arrived
};

}  // namespace sennit::sim
