#include "io/datagram_slab.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

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

// What the kernel tells of a message beside its bytes.
struct Annotations {
  base::IpAddress local;  // the address it was sent to; no family where the kernel does not say
  int segment_size = 0;   // of a run; zero: one datagram
  std::optional<base::WallTime> arrived;
};

base::WallTime wall_time(const timespec& time) {
  return base::WallTime(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

// The kernel stamps with the wall clock, which may have been set meanwhile.
base::Duration waited_since(std::optional<base::WallTime> arrived, const Reception& reception) {
  if (!arrived) return {};
  return std::clamp(reception.now - *arrived, base::Duration{}, reception.since_empty);
}

Annotations annotations_of(msghdr& message) {
  Annotations found;
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      found.local = from_kernel(read_control<in_pktinfo>(*control).ipi_spec_dst);
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      found.local = unicast(read_control<in6_pktinfo>(*control).ipi6_addr);
    } else if (control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO) {
      found.segment_size = read_control<int>(*control);
    } else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_TIMESTAMPNS) {
      found.arrived = wall_time(read_control<timespec>(*control));
    }
  }
  return found;
}

constexpr std::size_t kSingleSlots = 64;
// About what stays in a second-level cache while it is opened.
constexpr std::size_t kRunSlots = 8;
constexpr std::size_t kLargestRun = 65'535;
constexpr std::size_t kMostDatagramsInRun = 128;

}  // namespace

DatagramSlab::DatagramSlab(UdpOffload offload) {
  const bool takes_runs = offload == UdpOffload::kOn;
  const std::size_t count = takes_runs ? kRunSlots : kSingleSlots;
  const std::size_t size = takes_runs ? kLargestRun : kLargestDatagram;
  memory_.resize(count * size);
  slots_.resize(count);
  headers_.resize(count);
  datagrams_.reserve(takes_runs ? count * kMostDatagramsInRun : count);
  for (std::size_t i = 0; i < count; ++i) {
    slots_[i].buffer = {memory_.data() + i * size, size};
    auto& header = headers_[i].msg_hdr;
    header.msg_iov = &slots_[i].buffer;
    header.msg_iovlen = 1;
    header.msg_name = &slots_[i].remote;
    header.msg_control = slots_[i].control.data();
  }
}

std::span<mmsghdr> DatagramSlab::headers() {
  datagrams_.clear();
  for (auto& header : headers_) {
    header.msg_hdr.msg_namelen = sizeof(KernelAddress);
    header.msg_hdr.msg_controllen = sizeof(Slot::control);
  }
  return headers_;
}

std::size_t DatagramSlab::collect(std::size_t count, const Reception& reception) {
  datagrams_.clear();
  std::size_t truncated = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if ((headers_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      ++truncated;
    } else {
      cut(i, reception);
    }
  }
  return truncated;
}

void DatagramSlab::cut(std::size_t slot, const Reception& reception) {
  const auto found = annotations_of(headers_[slot].msg_hdr);
  const auto waited = waited_since(found.arrived, reception);
  const auto remote = from_kernel(slots_[slot].remote);
  auto rest =
      base::ByteSpan(static_cast<std::uint8_t*>(slots_[slot].buffer.iov_base), headers_[slot].msg_len);
  const auto step = found.segment_size > 0 ? static_cast<std::size_t>(found.segment_size) : rest.size();
  do {
    const auto datagram = rest.first(std::min(step, rest.size()));
    datagrams_.push_back({reception.socket, found.local, remote, datagram, waited});
    rest = rest.subspan(datagram.size());
  } while (!rest.empty());
}

}  // namespace sennit::io
