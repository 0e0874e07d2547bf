// Which way a packet goes, as seen from the device that it is of.
#pragma once

#include <array>
#include <cstdint>

namespace sennit::device {

enum class Direction : std::uint8_t {
  kDown,  // towards the device
  kUp,    // from it
};

inline constexpr std::array kDirections{Direction::kDown, Direction::kUp};

}  // namespace sennit::device
