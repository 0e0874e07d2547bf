// The TUN interface: inner packets out of the kernel and back into it, in batches.
// The first stage outbound and the last one inbound. Sets no MTU, address or route: see RouteSocket.
// With offloads one read brings, and one write takes, up to 64 KiB of one flow: a superpacket, described by
// its base::Offload, which travels to and from the kernel as a virtio header (virtio_header.hpp). Cuts and
// joins none itself. Invariant: the interface is not persistent; it goes with this object, or with the
// process, and its routes too.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/packet.hpp"
#include "io/interface.hpp"
#include "io/packet_slab.hpp"

namespace sennit::io {

// Packets that the kernel holds for us while we are busy: 500, the kernel's default, dropped bursts.
inline constexpr unsigned kTunQueueLength = 4096;

// Which superpackets come and go.
enum class TunOffload : std::uint8_t {
  kOff,
  kTcp,
  kTcpAndUdp,  // Linux 6.2 and later
};

// Whether several threads take turns at the interface, each with a queue of its own.
enum class TunQueues : std::uint8_t { kOne, kSeveral };

class TunDevice {
 public:
  // Creates the interface; throws base::Error if it exists already or may not be created. Of the offloads
  // wanted, it has those that the kernel grants.
  explicit TunDevice(const std::string& name, TunOffload wanted = TunOffload::kOff,
                     TunQueues queues = TunQueues::kOne);
  // A further queue of this interface, which was created for several. The kernel gives a packet to the queue
  // that lately wrote packets of its flow, or else to one by the flow's hash.
  TunDevice another_queue() const;

  // Readable when packets wait, or when the interface is gone.
  int fd() const { return fd_.get(); }
  InterfaceIndex index() const { return index_; }
  const std::string& name() const { return name_; }
  TunOffload offload() const { return offload_; }

  // Clears the slab and fills it with the packets that wait now.
  std::span<const base::OutboundPacket> read_batch(PacketSlab& slab);
  // Gives packets to the kernel; returns how many it refused, those within a superpacket counted one by one.
  std::size_t write_batch(std::span<const base::InboundPacket> packets);

  // Somebody deleted the interface; stop watching fd(), it stays readable.
  bool gone() const { return gone_; }
  // Packets dropped by read_batch because they exceed kLargestInnerPacket, or kLargestSuperpacket.
  std::uint64_t oversized() const { return oversized_; }

 private:
  TunDevice(std::string name, InterfaceIndex index, TunOffload offload);
  void attach(short flags);
  bool write_packet(const base::InboundPacket& packet);

  base::FileDescriptor fd_;
  TunOffload offload_;
  std::vector<iovec> slices_;  // of the packet being written
  std::string name_;
  InterfaceIndex index_;
  bool gone_ = false;
  std::uint64_t oversized_ = 0;
};

}  // namespace sennit::io
