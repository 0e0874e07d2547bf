// The memory that datagrams are received into: fixed slots, and the kernel's headers of recvmmsg that
// describe them. With UDP_GRO a slot takes a run of datagrams of equal size that came from one sender, which
// is cut here. Filled by UdpSocket::receive_batch; one slab serves all sockets of a thread and is allocated
// once. Does not interpret datagrams. Invariant: views given out stay valid until the next receive into this
// slab.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <span>
#include <vector>

#include "base/packet.hpp"
#include "io/socket_address.hpp"
#include "io/udp_offload.hpp"

namespace sennit::io {

// No datagram is longer: jumbo frames fit, and a path MTU probe must not exceed it.
inline constexpr std::size_t kLargestDatagram = 9216;

// How a batch was received.
struct Reception {
  base::SocketId socket;
  base::WallTime now;
  base::Duration since_empty;  // the socket held nothing so long ago: nothing has waited longer
};

class DatagramSlab {
 public:
  // For sockets without UDP_GRO, or for those that may have it: then fewer slots of 64 KiB.
  explicit DatagramSlab(UdpOffload offload = UdpOffload::kOff);
  DatagramSlab(const DatagramSlab&) = delete;
  DatagramSlab& operator=(const DatagramSlab&) = delete;

  // Headers as recvmmsg wants them, all slots free.
  std::span<mmsghdr> headers();
  // Turns the first `count` headers into datagrams; returns how many messages were cut short and so left out.
  std::size_t collect(std::size_t count, const Reception& reception);
  std::span<const base::InboundDatagram> datagrams() const { return datagrams_; }

 private:
  struct Slot {
    iovec buffer{};
    KernelAddress remote{};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int)) +
                                                  CMSG_SPACE(sizeof(timespec))> control{};
  };

  void cut(std::size_t slot, const Reception& reception);

  std::vector<std::uint8_t> memory_;
  std::vector<Slot> slots_;
  std::vector<mmsghdr> headers_;
  std::vector<base::InboundDatagram> datagrams_;
};

}  // namespace sennit::io
