#include "impair/priority_bands.hpp"

#include <algorithm>

namespace sennit::impair {

namespace {

bool has_packets(const Backlog& backlog) {
  return !backlog.list.empty();
}

}  // namespace

std::size_t PriorityBands::band_of(Dscp dscp) {
  constexpr std::array<std::uint8_t, 3> kBulk{1, 2, 8};  // LE (RFC 8622), ToS throughput, CS1 (RFC 3662)
  constexpr std::uint8_t kLowDelay = 4;                  // ToS low delay (RFC 1349)
  constexpr std::uint8_t kUrgent = 32;                   // CS4; AF4x, CS5, VA, EF, CS6, CS7 are above
  if (dscp.value >= kUrgent || dscp.value == kLowDelay) return 0;
  return std::ranges::find(kBulk, dscp.value) != kBulk.end() ? 2 : 1;
}

NodeId PriorityBands::pop(PacketPool& pool) {
  const auto band = std::ranges::find_if(bands_, has_packets);
  return band == bands_.end() ? kNoNode : band->pop(pool);
}

std::size_t PriorityBands::lowest() const {
  std::size_t band = kBands - 1;
  while (band > 0 && !has_packets(bands_[band])) --band;
  return band;
}

NodeId PriorityBands::pop_lowest(PacketPool& pool) {
  return bands_[lowest()].pop(pool);
}

}  // namespace sennit::impair
