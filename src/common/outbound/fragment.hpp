// Splits an inner packet that fits no path whole into fragments of one frame each (protocol.md section 5.3).
// Only for packets that must not be refused: IPv6 needs 1280 bytes, and an MTU may be set by hand.
#pragma once

#include <cstdint>
#include <optional>

#include "base/packet.hpp"
#include "base/units.hpp"
#include "wire/frames.hpp"

namespace sennit::outbound {

// Where a packet of `size` bytes is cut when a fragment may carry `largest`; pieces are as equal as can be.
struct FragmentPlan {
  std::uint8_t count = 0;
  std::size_t piece = 0;  // bytes in every fragment but the last
};

// None when it takes more than FragmentPosition::kMaxFragments, or nothing fits.
std::optional<FragmentPlan> plan_fragments(base::Bytes size, base::Bytes largest);

}  // namespace sennit::outbound
