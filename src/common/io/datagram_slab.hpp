// The memory that datagrams are received into: fixed slots, and the kernel's headers of recvmmsg that
// describe them. Filled by UdpSocket::receive_batch; one slab serves all sockets of a thread and is allocated
// once. Does not interpret datagrams. Invariant: views given out stay valid until the next receive into this
// slab.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/packet.hpp"
#include "io/socket_address.hpp"

namespace sennit::io {

// No datagram is longer: jumbo frames fit, and a path MTU probe must not exceed it.
inline constexpr std::size_t kLargestDatagram = 9216;

class DatagramSlab {
 public:
  static constexpr std::size_t kSlots = 64;

  DatagramSlab();
  DatagramSlab(const DatagramSlab&) = delete;
  DatagramSlab& operator=(const DatagramSlab&) = delete;

  // Headers as recvmmsg wants them, all slots free.
  std::span<mmsghdr> headers();
  // Turns the first `count` headers into datagrams of `socket`; returns how many were cut and so left out.
  std::size_t collect(std::size_t count, base::SocketId socket);
  std::span<const base::InboundDatagram> datagrams() const { return {datagrams_.data(), count_}; }

 private:
  struct Control {
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
  };

  std::vector<std::uint8_t> memory_;
  std::array<mmsghdr, kSlots> headers_{};
  std::array<iovec, kSlots> buffers_{};
  std::array<KernelAddress, kSlots> remotes_{};
  std::array<Control, kSlots> controls_{};
  std::array<base::InboundDatagram, kSlots> datagrams_{};
  std::size_t count_ = 0;
};

}  // namespace sennit::io
