#include "link_emulator/ethernet_port.hpp"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/error.hpp"

namespace link_emulator {

namespace {

using sennit::base::check_syscall;
using sennit::base::Error;

constexpr std::size_t kBatch = 64;
constexpr std::size_t kLargestFrame = 9216;
constexpr int kSocketBuffer = 16 << 20;

void set_option(int fd, int level, int name, int value) {
  check_syscall("setsockopt", ::setsockopt(fd, level, name, &value, sizeof value));
}

// Buffers and headers of one recvmmsg or sendmmsg.
struct Messages {
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> parts{};

  void point(std::size_t index, std::uint8_t* bytes, std::size_t size) {
    parts.at(index) = {bytes, size};
    headers.at(index).msg_hdr.msg_iov = &parts.at(index);
    headers.at(index).msg_hdr.msg_iovlen = 1;
  }
};

}  // namespace

EthernetPort::EthernetPort(const std::string& interface)
    : socket_(check_syscall("socket(AF_PACKET)", ::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0))) {
  const auto index = ::if_nametoindex(interface.c_str());
  if (index == 0) throw Error("there is no interface " + interface);
  set_option(fd(), SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
  set_option(fd(), SOL_PACKET, PACKET_QDISC_BYPASS, 1);
  set_option(fd(), SOL_SOCKET, SO_RCVBUFFORCE, kSocketBuffer);
  set_option(fd(), SOL_SOCKET, SO_SNDBUFFORCE, kSocketBuffer);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(index);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface of C.
  check_syscall("bind", ::bind(fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

bool EthernetPort::receive(std::vector<Frame>& frames) {
  thread_local std::array<std::array<std::uint8_t, kLargestFrame>, kBatch> buffers;
  thread_local Messages messages;
  for (std::size_t i = 0; i < kBatch; ++i) messages.point(i, buffers.at(i).data(), kLargestFrame);
  const auto count = ::recvmmsg(fd(), messages.headers.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (std::size_t i = 0; std::cmp_less(i, count); ++i) {
    const auto bytes = std::span(buffers.at(i)).first(messages.headers.at(i).msg_len);
    frames.emplace_back(bytes.begin(), bytes.end());
  }
  return std::cmp_equal(count, kBatch);
}

void EthernetPort::send(std::vector<Frame>& frames) {
  for (std::size_t done = 0; done < frames.size();) {
    thread_local Messages messages;
    const auto count = std::min(kBatch, frames.size() - done);
    for (std::size_t i = 0; i < count; ++i)
      messages.point(i, frames.at(done + i).data(), frames.at(done + i).size());
    const auto sent = ::sendmmsg(fd(), messages.headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    done += static_cast<std::size_t>(std::max(sent, 1));
  }
  frames.clear();
}

}  // namespace link_emulator
