#include "impair/damage.hpp"

#include <algorithm>

#include "base/rng.hpp"

namespace sennit::impair {

namespace {

base::ByteSpan region_of(base::ByteSpan packet, std::size_t headers, DamageRegion region) {
  headers = std::min(headers, packet.size());
  switch (region) {
    case DamageRegion::kPacket: break;
    case DamageRegion::kHeaders: return packet.first(headers);
    case DamageRegion::kPayload: return packet.subspan(headers);
  }
  return packet;
}

// Calls `hit` with `count` different numbers below `places`, in rising order (selection sampling, Knuth 3.4.2
// S).
template <class Hit>
void choose(base::Rng& rng, std::size_t places, std::size_t count, Hit hit) {
  count = std::min(count, places);
  for (std::size_t place = 0; count > 0; ++place) {
    if (rng.below(places - place) >= count) continue;
    hit(place);
    --count;
  }
}

}  // namespace

void apply(const Damage& damage, base::ByteSpan packet, std::size_t headers) {
  const auto region = region_of(packet, headers, damage.mode.region);
  base::Rng rng(damage.seed);
  if (damage.mode.unit == DamageUnit::kBytes) {
    choose(rng, region.size(), damage.mode.count,
           [&](std::size_t i) { region[i] ^= static_cast<std::uint8_t>(1 + rng.below(255)); });
    return;
  }
  choose(rng, region.size() * 8, damage.mode.count,
         [&](std::size_t i) { region[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8)); });
}

}  // namespace sennit::impair
