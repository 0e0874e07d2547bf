#include "io/datagram_messages.hpp"

#include <cstring>

namespace sennit::io {

namespace {

// Writes one control message; returns its length with padding.
template <class T>
std::size_t write_control(std::span<std::uint8_t> out, int level, int type, const T& value) {
  const cmsghdr header{CMSG_LEN(sizeof(value)), level, type};
  std::memcpy(out.data(), &header, sizeof(header));
  std::memcpy(out.data() + CMSG_LEN(0), &value, sizeof(value));
  return CMSG_SPACE(sizeof(value));
}

// The control message that sets the source address; none where the kernel is to choose it.
std::size_t write_source(std::span<std::uint8_t> out, const base::IpAddress& source) {
  if (source.family() == base::Family::kV4) {
    in_pktinfo information{};
    information.ipi_spec_dst = to_kernel_v4(source);
    return write_control(out, IPPROTO_IP, IP_PKTINFO, information);
  }
  if (source.family() == base::Family::kV6) {
    in6_pktinfo information{};
    information.ipi6_addr = to_kernel_v6(source);
    return write_control(out, IPPROTO_IPV6, IPV6_PKTINFO, information);
  }
  return 0;
}

}  // namespace

void DatagramMessages::clear() {
  count_ = 0;
  destination_count_ = 0;
}

void DatagramMessages::set_destination(const base::Route& route) {
  auto& destination = destinations_[destination_count_++];
  destination.route = &route;
  destination.address_length = to_kernel(route.remote, destination.address);
  destination.control_length = write_source(destination.control, route.local);
}

void DatagramMessages::append(base::ConstByteSpan datagram) {
  auto& destination = destinations_[destination_count_ - 1];
  owner_[count_] = destination_count_ - 1;
  // sendmmsg does not write through iov_base; its type is shared with reading calls.
  buffers_[count_] = {const_cast<std::uint8_t*>(datagram.data()), datagram.size()};
  auto& message = headers_[count_].msg_hdr;
  message.msg_name = &destination.address;
  message.msg_namelen = destination.address_length;
  message.msg_iov = &buffers_[count_];
  message.msg_iovlen = 1;
  message.msg_control = destination.control_length == 0 ? nullptr : destination.control.data();
  message.msg_controllen = destination.control_length;
  ++count_;
}

}  // namespace sennit::io
