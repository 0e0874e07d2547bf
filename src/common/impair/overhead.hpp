// How many bytes an IP packet is on an access line: link-layer framing, and the cells of ATM.
// First stage of a chain: rate and queue count these bytes, achieved figures count IP bytes.
// Sources of the numbers: docs/impairment.md, "Link-layer overhead".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sennit::impair {

// How frames are carried.
enum class Framing : std::uint8_t {
  kPlain,
  kAtm,  // cells of 53 bytes with 48 of payload
  kPtm,  // 65 bytes for every 64
};

struct Overhead {
  std::int32_t bytes = 0;   // added to each packet; negative takes away
  std::uint32_t least = 0;  // no frame is shorter
  Framing framing = Framing::kPlain;
  bool operator==(const Overhead&) const = default;
  // The size on the wire of an IP packet of `size` bytes; at least 1.
  std::uint32_t on_wire(std::uint32_t size) const;
};

struct NamedOverhead {
  std::string_view name;
  Overhead overhead;
};

// All that have a name.
std::span<const NamedOverhead> named_overheads();

}  // namespace sennit::impair
