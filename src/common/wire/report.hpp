// What the receiver of a path tells the sender of it (protocol.md section 5.4): how far the path has come,
// when that arrived, and what is missing. From two reports the sender knows delivery rate, one-way delay,
// loss and which datagrams to send again. A value in a control frame; never throws, for any input.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/packet.hpp"
#include "base/units.hpp"
#include "wire/bytes.hpp"

namespace sennit::wire {

// An earlier datagram of the path and its arrival, counted back from the highest.
struct ArrivalMark {
  // Unit of `before`.
  static constexpr std::uint32_t kMicroseconds = 8;
  std::uint16_t behind = 0;  // counters
  std::uint16_t before = 0;  // 8 µs
  bool operator==(const ArrivalMark&) const = default;
};

// A run of counters that have not come.
struct MissingRun {
  std::uint16_t behind = 0;  // of its first counter, behind the highest
  std::uint8_t length = 0;
  bool operator==(const MissingRun&) const = default;
};

//   0      1         2          3             4..7      8..11        12..15  16..19     20..23
//  +------+---------+----------+-------------+---------+------------+-------+----------+---------------+----
//  | path | # marks | # missing| reserved    | highest | arrived at | hold  | received | received bytes| …
//  +------+---------+----------+-------------+---------+------------+-------+----------+---------------+----
struct Report {
  static constexpr std::size_t kMinSize = 24;
  static constexpr std::size_t kMaxMarks = 8;
  static constexpr std::size_t kMaxMissing = 32;

  base::PathId path;
  std::uint32_t highest = 0;         // counter, low 32 bits
  std::uint32_t arrived_at = 0;      // µs, the receiver's clock, of the highest
  std::uint32_t hold = 0;            // µs between that and sending the report
  std::uint32_t received = 0;        // authentic datagrams on this path in this session
  std::uint32_t received_bytes = 0;  // their UDP payloads, modulo 2^32

  std::span<const ArrivalMark> marks() const { return std::span(marks_).first(mark_count_); }
  std::span<const MissingRun> missing() const { return std::span(missing_).first(missing_count_); }
  // False: there is no room.
  bool add(const ArrivalMark& mark);
  bool add(const MissingRun& run);
  std::size_t size() const;

  static std::optional<Report> parse(base::ConstByteSpan body);
  void serialize(Writer& out) const;  // body only
  bool operator==(const Report&) const = default;

 private:
  std::array<ArrivalMark, kMaxMarks> marks_{};
  std::array<MissingRun, kMaxMissing> missing_{};
  std::uint8_t mark_count_ = 0;
  std::uint8_t missing_count_ = 0;
};

}  // namespace sennit::wire
