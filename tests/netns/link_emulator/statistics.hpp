// What one direction of an emulated line did since it was last asked. Filled by Direction, told by text().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace link_emulator {

namespace base = sennit::base;

struct Count {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  // IP header included, Ethernet header not
  void add(std::uint64_t size) {
    ++packets;
    bytes += size;
  }
};

struct Statistics {
  Count offered;
  Count delivered;
  std::uint64_t silenced = 0;
  std::uint64_t policed = 0;
  std::uint64_t overflowed = 0;  // the queue was full
  std::uint64_t lost = 0;
  std::vector<base::Duration> waits;     // of each packet in front of the wire
  std::vector<base::Duration> lateness;  // of each delivery behind its time: the emulator's own error

  // All of it as `key=value` words, times in milliseconds.
  std::string text() const;
};

}  // namespace link_emulator
