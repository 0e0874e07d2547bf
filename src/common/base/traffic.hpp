// What went one way over a path or a peer: totals, and the last ten one-second slots.
// (The seeds' counter: "traffic over the last ten slots of one second, means and maxima".)
// Invariant: slots are aligned to whole seconds of the monotonic clock; the slot under way is not in rate().
#pragma once

#include <array>
#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::base {

class TrafficCounter {
 public:
  static constexpr std::size_t kSlots = 10;

  void add(std::uint64_t packets, Bytes bytes, Instant now) {
    packets_ += packets;
    bytes_ += bytes;
    if (now >= current_end_) advance(now);
    slots_[index(current_)] += bytes.value;
  }

  std::uint64_t packets() const { return packets_; }
  Bytes bytes() const { return bytes_; }
  // Of the last complete second.
  BitRate rate(Instant now) const;
  // Over the last ten complete seconds.
  BitRate rate_mean(Instant now) const;
  // Highest of the last ten complete one-second slots.
  BitRate rate_max(Instant now) const;

 private:
  static std::int64_t second_of(Instant now) {
    return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  }
  // One slot more than is reported: the one being filled.
  static std::size_t index(std::int64_t second) { return static_cast<std::size_t>(second) % (kSlots + 1); }
  void advance(Instant now);
  // Bytes of the slot `second`, zero if it was overwritten or lies in the future.
  std::uint64_t slot(std::int64_t second) const;

  std::uint64_t packets_ = 0;
  Bytes bytes_;
  std::int64_t current_ = 0;
  Instant current_end_ = Instant::min();
  std::array<std::uint64_t, kSlots + 1> slots_{};
};

}  // namespace sennit::base
