// The kernel's headers of sendmmsg for up to 64 messages, reused from batch to batch. A message is one
// datagram, or a run of datagrams of equal size that the kernel cuts (UDP_SEGMENT, udp(7)). Filled and
// flushed by UdpSocket::send_batch; does not send. Invariant: nothing is allocated.
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
  void clear() { count_ = 0; }
  // One message for the whole of `run`, which must outlive the batch: also its route.
  void append(const base::Transmit& run);
  // Headers of all appended messages, in order.
  std::span<mmsghdr> headers() { return {headers_.data(), count_}; }
  const base::Transmit& run_of(std::size_t message) const { return runs_[message]; }
  // Datagrams in messages `first` to the last.
  std::size_t datagrams_from(std::size_t first) const;

 private:
  struct Message {
    KernelAddress address{};
    iovec buffer{};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo)) +
                                                  CMSG_SPACE(sizeof(std::uint16_t))> control{};
  };

  std::size_t count_ = 0;
  std::array<mmsghdr, kCapacity> headers_{};
  std::array<Message, kCapacity> messages_{};
  std::array<base::Transmit, kCapacity> runs_{};
};

// Datagrams in a run.
std::size_t count_datagrams(const base::Transmit& run);
// Number `index` of a run, as a run of its own.
base::Transmit datagram_of(const base::Transmit& run, std::size_t index);

}  // namespace sennit::io
