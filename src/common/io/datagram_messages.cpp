#include "io/datagram_messages.hpp"

#include <netinet/udp.h>

#include <algorithm>
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

void DatagramMessages::append(const base::Transmit& run) {
  auto& message = messages_[count_];
  runs_[count_] = run;
  // sendmmsg does not write through iov_base; its type is shared with reading calls.
  message.buffer = {const_cast<std::uint8_t*>(run.bytes.data()), run.bytes.size()};
  std::size_t control_length = write_source(message.control, run.route.local);
  if (count_datagrams(run) > 1) {
    control_length += write_control(std::span(message.control).subspan(control_length), IPPROTO_UDP,
                                    UDP_SEGMENT, static_cast<std::uint16_t>(run.segment_size));
  }
  auto& header = headers_[count_].msg_hdr;
  header.msg_name = &message.address;
  header.msg_namelen = to_kernel(run.route.remote, message.address);
  header.msg_iov = &message.buffer;
  header.msg_iovlen = 1;
  header.msg_control = control_length == 0 ? nullptr : message.control.data();
  header.msg_controllen = control_length;
  ++count_;
}

std::size_t DatagramMessages::datagrams_from(std::size_t first) const {
  std::size_t datagrams = 0;
  for (const auto& run : std::span(runs_).first(count_).subspan(first)) datagrams += count_datagrams(run);
  return datagrams;
}

std::size_t count_datagrams(const base::Transmit& run) {
  if (run.segment_size == 0) return 1;
  return (run.bytes.size() + run.segment_size - 1) / run.segment_size;
}

base::Transmit datagram_of(const base::Transmit& run, std::size_t index) {
  if (run.segment_size == 0) return run;
  const auto offset = index * run.segment_size;
  const auto bytes = run.bytes.subspan(offset, std::min(run.segment_size, run.bytes.size() - offset));
  return {run.route, bytes, bytes.size()};
}

}  // namespace sennit::io
