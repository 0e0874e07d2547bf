// Copies of one device's packets, taken in front of its impairment or behind it, until somebody fetches them.
// Fed by Table, emptied by the shell. Writes no file. Invariant: never holds more than kMostBytes; what does
// not fit is counted, and the traffic does not wait.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/packet.hpp"
#include "base/time.hpp"
#include "device/direction.hpp"

namespace sennit::device {

// Where a packet is seen.
enum class Point : std::uint8_t { kBefore, kAfter };

struct CapturedPacket {
  base::Instant at;
  Point point = Point::kBefore;
  Direction direction = Direction::kDown;
  std::vector<std::uint8_t> bytes;
};

// What was seen since the last time that somebody asked.
struct Captured {
  std::vector<CapturedPacket> packets;
  std::uint64_t missed = 0;
};

class Capture {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{8} << 20U;

  void note(Point point, Direction direction, base::ConstByteSpan packet, base::Instant now);
  Captured take();

 private:
  Captured captured_;
  std::size_t held_ = 0;
};

}  // namespace sennit::device
