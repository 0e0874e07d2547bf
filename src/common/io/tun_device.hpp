// The TUN interface: inner packets out of the kernel and back into it, in batches.
// The first stage outbound and the last one inbound. Sets no MTU, address or route: see RouteSocket.
// Packets come and go without any header; batches hide how many packets one read brings, so that offloads
// (virtio headers) change only the inside.
// Invariant: the interface is not persistent; it goes with this object, or with the process, and its routes
// too.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/fd.hpp"
#include "base/packet.hpp"
#include "io/interface.hpp"
#include "io/packet_slab.hpp"

namespace sennit::io {

// Packets that the kernel holds for us while we are busy: 500, the kernel's default, dropped bursts.
inline constexpr unsigned kTunQueueLength = 4096;

class TunDevice {
 public:
  // Creates the interface; throws base::Error if it exists already or may not be created.
  explicit TunDevice(const std::string& name);

  // Readable when packets wait, or when the interface is gone.
  int fd() const { return fd_.get(); }
  InterfaceIndex index() const { return index_; }
  const std::string& name() const { return name_; }

  // Clears the slab and fills it with the packets that wait now.
  std::span<const base::OutboundPacket> read_batch(PacketSlab& slab);
  // Gives packets to the kernel; returns how many it refused.
  std::size_t write_batch(std::span<const base::InboundPacket> packets);

  // Somebody deleted the interface; stop watching fd(), it stays readable.
  bool gone() const { return gone_; }
  // Packets dropped by read_batch because they exceed kLargestInnerPacket.
  std::uint64_t oversized() const { return oversized_; }

 private:
  bool write_packet(base::ConstByteSpan packet) const;

  base::FileDescriptor fd_;
  std::string name_;
  InterfaceIndex index_;
  bool gone_ = false;
  std::uint64_t oversized_ = 0;
};

}  // namespace sennit::io
