// The memory that inner packets and superpackets are read into, one behind the other, each with
// base::kHeadroom writable bytes in front. Filled by TunDevice::read_batch; one slab serves one reader and is
// allocated once. Does not know where packets come from.
// Invariant: views given out stay valid until the next clear(); a batch is small enough to stay in the cache.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/packet.hpp"

namespace sennit::io {

// No inner packet is longer: the tunnel's MTU must not exceed it.
inline constexpr std::size_t kLargestInnerPacket = 9216;
// No superpacket is longer: the length field of IP has 16 bits.
inline constexpr std::size_t kLargestSuperpacket = 65'535;

class PacketSlab {
 public:
  // Takes at most `count` packets a batch.
  explicit PacketSlab(std::size_t count = 128);

  // Forgets every packet; their memory is free again.
  void clear();
  // No further packet is sure to fit.
  bool full() const;
  // Where the next packet is to be written, base::kHeadroom writable bytes in front: one byte longer than the
  // longest, so that a cut one shows.
  base::ByteSpan free_slot();
  // The first `length` bytes of the free slot are a packet now, with this left to do.
  void commit(std::size_t length, const base::Offload& offload);
  // Packets in order of commit().
  std::span<const base::OutboundPacket> packets() const { return packets_; }

 private:
  std::size_t count_;
  std::size_t used_ = 0;  // bytes, headroom and padding included
  std::vector<std::uint8_t> memory_;
  std::vector<base::OutboundPacket> packets_;
};

}  // namespace sennit::io
