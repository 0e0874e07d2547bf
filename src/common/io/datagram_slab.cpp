#include "io/datagram_slab.hpp"

#include <cstring>

namespace sennit::io {

namespace {

template <class T>
T read_control(const cmsghdr& control) {
  T value{};
  std::memcpy(&value, CMSG_DATA(&control), sizeof(value));
  return value;
}

// A group's address cannot be answered from: it counts as unknown.
base::IpAddress unicast(const in6_addr& address) {
  return address.s6_addr[0] == 0xFF ? base::IpAddress{} : from_kernel(address);
}

// The address the datagram was sent to, from its control message; no family without one.
base::IpAddress local_address_of(msghdr& message) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      return from_kernel(read_control<in_pktinfo>(*control).ipi_spec_dst);
    }
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      return unicast(read_control<in6_pktinfo>(*control).ipi6_addr);
    }
  }
  return {};
}

}  // namespace

DatagramSlab::DatagramSlab() : memory_(kSlots * kLargestDatagram) {
  for (std::size_t i = 0; i < kSlots; ++i) {
    buffers_[i] = {memory_.data() + i * kLargestDatagram, kLargestDatagram};
    headers_[i].msg_hdr.msg_iov = &buffers_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &remotes_[i];
    headers_[i].msg_hdr.msg_control = controls_[i].bytes.data();
  }
}

std::span<mmsghdr> DatagramSlab::headers() {
  count_ = 0;
  for (auto& header : headers_) {
    header.msg_hdr.msg_namelen = sizeof(KernelAddress);
    header.msg_hdr.msg_controllen = sizeof(Control::bytes);
  }
  return headers_;
}

std::size_t DatagramSlab::collect(std::size_t count, base::SocketId socket) {
  count_ = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto& message = headers_[i].msg_hdr;
    if ((message.msg_flags & MSG_TRUNC) != 0) continue;
    const base::ByteSpan slot = base::ByteSpan(memory_).subspan(i * kLargestDatagram, headers_[i].msg_len);
    datagrams_[count_++] = {socket, local_address_of(message), from_kernel(remotes_[i]), slot};
  }
  return count - count_;
}

}  // namespace sennit::io
