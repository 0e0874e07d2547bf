// Which bits of a packet are to be flipped. Decided when the packet passes, done by the owner of the bytes,
// who also repairs checksums if that is asked (wire knows them). Stands behind the loss model.
// Invariant: applied twice to the same bytes it changes nothing, so that a shared buffer can be put back.
// Reasons: docs/impairment.md, "Corruption".
#pragma once

#include <cstdint>

#include "base/packet.hpp"

namespace sennit::impair {

// What is hit.
enum class DamageUnit : std::uint8_t { kBits, kBytes };

// Where it may be hit.
enum class DamageRegion : std::uint8_t {
  kPacket,
  kHeaders,  // network and transport
  kPayload,  // a packet without payload stays whole
};

// What is done about the checksums above the damage.
enum class Checksums : std::uint8_t {
  kLeft,      // the receiver sees that they are wrong
  kRepaired,  // the damage reaches the application
};

// How a direction's packets are damaged.
struct DamageMode {
  DamageUnit unit = DamageUnit::kBits;
  std::uint16_t count = 1;
  DamageRegion region = DamageRegion::kPacket;
  Checksums checksums = Checksums::kLeft;
  bool operator==(const DamageMode&) const = default;
};

// The damage of one packet; none when the mode's count is zero.
struct Damage {
  std::uint64_t seed = 0;
  DamageMode mode{.count = 0};
  explicit operator bool() const { return mode.count > 0; }
};

// Flips what `damage` says in a packet whose headers are `headers` bytes long: `count` different bits, or
// bytes each changed to another value; all of the region if that is smaller.
void apply(const Damage& damage, base::ByteSpan packet, std::size_t headers);

}  // namespace sennit::impair
