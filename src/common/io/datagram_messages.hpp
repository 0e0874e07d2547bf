// The kernel's headers of sendmmsg for up to 64 datagrams, reused from batch to batch.
// Filled and flushed by UdpSocket::send_batch; does not send.
// Invariant: every appended datagram belongs to the destination that was set last; nothing is allocated.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>

#include "base/packet.hpp"
#include "io/socket_address.hpp"

namespace sennit::io {

class DatagramMessages {
 public:
  static constexpr std::size_t kCapacity = 64;

  DatagramMessages() = default;
  DatagramMessages(const DatagramMessages&) = delete;
  DatagramMessages& operator=(const DatagramMessages&) = delete;

  bool full() const { return count_ == kCapacity; }
  void clear();
  // Where the datagrams appended next go; `route` must outlive the batch.
  void set_destination(const base::Route& route);
  void append(base::ConstByteSpan datagram);
  // Headers of all appended datagrams, in order.
  std::span<mmsghdr> headers() { return {headers_.data(), count_}; }
  const base::Route& route_of(std::size_t message) const { return *destinations_[owner_[message]].route; }
  std::size_t size_of(std::size_t message) const { return buffers_[message].iov_len; }

 private:
  struct Destination {
    const base::Route* route = nullptr;
    KernelAddress address{};
    socklen_t address_length = 0;
    std::size_t control_length = 0;
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
  };

  std::size_t count_ = 0;
  std::size_t destination_count_ = 0;
  std::array<mmsghdr, kCapacity> headers_{};
  std::array<iovec, kCapacity> buffers_{};
  std::array<std::size_t, kCapacity> owner_{};
  std::array<Destination, kCapacity> destinations_{};
};

}  // namespace sennit::io
