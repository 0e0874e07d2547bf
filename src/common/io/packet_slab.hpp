// The memory that inner packets are read into: fixed slots, each with base::kHeadroom writable bytes in
// front. Filled by TunDevice::read_batch; one slab serves one reader and is allocated once. Does not know
// where packets come from. Invariant: views given out stay valid until the next clear().
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/packet.hpp"

namespace sennit::io {

// No inner packet is longer: the tunnel's MTU must not exceed it.
inline constexpr std::size_t kLargestInnerPacket = 9216;

class PacketSlab {
 public:
  explicit PacketSlab(std::size_t slots = 64);

  // Forgets every packet; their slots are free again.
  void clear() { packets_.clear(); }
  bool full() const { return packets_.size() == slots_; }
  // Where the next packet is to be written: one byte longer than the longest packet, so that a cut one shows.
  base::ByteSpan free_slot();
  // The first `length` bytes of the free slot are a packet now.
  void commit(std::size_t length);
  // Packets in order of commit().
  std::span<const base::OutboundPacket> packets() const { return packets_; }

 private:
  std::size_t slots_;
  std::vector<std::uint8_t> memory_;
  std::vector<base::OutboundPacket> packets_;
};

}  // namespace sennit::io
