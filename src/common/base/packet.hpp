// Packets as views into buffers that somebody else owns: the currency of the data path.
// Plain and sealed bytes are different types. A view is valid until the call it was passed to returns,
// or until the next handle_*() of the object that returned it.
// Invariant: in front of an OutboundPacket there are kHeadroom writable bytes, so that the inner header is
// put there without moving the packet; an InboundDatagram is opened in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace sennit::base {

using ByteSpan = std::span<std::uint8_t>;
using ConstByteSpan = std::span<const std::uint8_t>;

// Copies all of `from` to the beginning of `to`, which has room for it; they do not overlap. (What
// std::ranges::copy makes of spans is a loop over bytes with GCC 12.)
inline void copy_bytes(ConstByteSpan from, ByteSpan to) {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

// Writable bytes in front of every outbound inner packet (at least the inner header, protocol.md section 5).
inline constexpr std::size_t kHeadroom = 16;

// How a superpacket is to be cut (virtio 1.2 section 5.1.6: the work that one side leaves to the other).
enum class Segmentation : std::uint8_t {
  kNone,  // it is one packet
  kTcp,   // into TCP segments
  kUdp,   // into UDP datagrams
};

// What is left to do on a packet before it may be on a wire.
struct Offload {
  Segmentation segmentation = Segmentation::kNone;
  std::uint16_t segment_size = 0;  // payload bytes of every packet but the last, which may be shorter
  // Where the transport header starts, and where in it the checksum lies: the field holds the sum of the
  // pseudo-header and is to be completed over all from the start. Zero: the checksum is complete.
  std::uint16_t checksum_start = 0;
  std::uint16_t checksum_offset = 0;
  bool operator==(const Offload&) const = default;
};

// Whether the TCP or UDP checksum of a single packet is there.
enum class Checksum : std::uint8_t {
  kComplete,  // or there is none to complete
  kOpen,      // the field holds the sum of the pseudo-header; whoever needs the checksum completes it
};

// One inner packet on its way through the tunnel's stages, plain.
struct InnerPacket {
  ByteSpan bytes;
  Checksum checksum = Checksum::kComplete;
};

// One IP packet from the TUN device, plain, or a superpacket of many.
struct OutboundPacket {
  ByteSpan bytes;
  Offload offload = {};
};

// One UDP datagram as it came from a socket, sealed.
struct InboundDatagram {
  SocketId socket;
  IpAddress local;  // the address it was sent to; no family where the shell does not know it
  SocketAddress remote;
  ByteSpan bytes;
  Duration waited{};  // since the kernel had it; zero where the shell does not know
};

// Where a datagram leaves: which socket, from which local address (no family: the kernel chooses), to whom.
struct Route {
  SocketId socket;
  IpAddress local;
  SocketAddress remote;
  auto operator<=>(const Route&) const = default;
};

// One or more datagrams of one route, contiguous: all `segment_size` bytes long but the last, which may be
// shorter. Maps to one sendmsg with UDP_SEGMENT, or to one sendmmsg.
struct Transmit {
  Route route;
  ConstByteSpan bytes;
  std::size_t segment_size = 0;
};

// One IP packet for the TUN device, plain; or a superpacket, whose payload goes on in `more`.
struct InboundPacket {
  ConstByteSpan bytes;
  std::span<const ConstByteSpan> more = {};
  Offload offload = {};
};

}  // namespace sennit::base
