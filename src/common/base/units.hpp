// Units and identifiers as types, so that no signature of the core takes a bare integer.
// Stands below everything. Rates are decimal bits a second, sizes are bytes.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/time.hpp"

namespace sennit::base {

// A number of bytes.
struct Bytes {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Bytes&) const = default;
  constexpr Bytes& operator+=(Bytes other) {
    value += other.value;
    return *this;
  }
};
constexpr Bytes operator+(Bytes a, Bytes b) {
  return Bytes{a.value + b.value};
}

// Bits a second.
struct BitRate {
  std::uint64_t bits_per_second = 0;
  constexpr auto operator<=>(const BitRate&) const = default;
};

// The mean rate of `amount` sent over `time`; zero for an empty span of time.
constexpr BitRate rate_of(Bytes amount, Duration time) {
  if (time <= Duration::zero()) return {};
  const double bits = static_cast<double>(amount.value) * 8.0;
  return {static_cast<std::uint64_t>(bits / to_seconds(time))};
}

// An integer that means one thing. `Tag` keeps kinds apart.
template <class Tag, class Rep>
struct Identifier {
  Rep value{};
  constexpr auto operator<=>(const Identifier&) const = default;
};

using LinkId = Identifier<struct LinkTag, std::uint16_t>;                // an access line of this client
using PathId = Identifier<struct PathTag, std::uint8_t>;                 // 0..31 within a session
using SocketId = Identifier<struct SocketTag, std::uint32_t>;            // a UDP socket of the shell
using PeerId = Identifier<struct PeerTag, std::uint32_t>;                // position in the configuration
using SessionIndex = Identifier<struct SessionTag, std::uint32_t>;       // 24 bits on the wire
using FlowBucket = Identifier<struct FlowBucketTag, std::uint16_t>;      // hash of a flow
using FlowSequence = Identifier<struct FlowSequenceTag, std::uint32_t>;  // counts within a bucket, wraps

inline constexpr std::size_t kMaxPaths = 32;
inline constexpr std::uint32_t kMaxSessionIndex = 0xFFFFFF;

}  // namespace sennit::base

template <class Tag, class Rep>
struct std::hash<sennit::base::Identifier<Tag, Rep>> {
  std::size_t operator()(sennit::base::Identifier<Tag, Rep> id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
