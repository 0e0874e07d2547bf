#include "io/udp_socket.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/error.hpp"
#include "io/clock.hpp"

namespace sennit::io {

namespace {

// Rides out a few milliseconds at 10 Gbit/s; the default loses bursts.
constexpr int kSocketBuffer = 7 * 1024 * 1024;
// Each pending network error ends one receive call; more than this in a row and the caller shall come back
// later.
constexpr int kReceiveAttempts = 16;
// After a refusal so many runs are cut here before the kernel is asked again: routes and devices change.
constexpr std::size_t kRunsToCut = 1000;

std::string reason(int error) {
  return std::generic_category().message(error);
}

bool try_option(int fd, int level, int name, int value) {
  return ::setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

void set_option(int fd, int level, int name, int value, const char* what) {
  base::check_syscall(std::string("UDP socket option ") + what,
                      ::setsockopt(fd, level, name, &value, sizeof(value)));
}

// Beyond the system's limit where we may (CAP_NET_ADMIN), up to it otherwise.
void enlarge_buffers(int fd) {
  if (!try_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, kSocketBuffer)) {
    try_option(fd, SOL_SOCKET, SO_RCVBUF, kSocketBuffer);
  }
  if (!try_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, kSocketBuffer)) {
    try_option(fd, SOL_SOCKET, SO_SNDBUF, kSocketBuffer);
  }
}

void set_v4_options(int fd) {
  set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE, "IP_MTU_DISCOVER");
  set_option(fd, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
}

void set_v6_options(int fd) {
  set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
  set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE, "IPV6_MTU_DISCOVER");
  set_option(fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1, "IPV6_DONTFRAG");
  set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
}

void bind_to_device(int fd, const std::string& device) {
  if (device.empty()) return;
  const auto length = static_cast<socklen_t>(device.size());
  if (::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device.data(), length) == 0) return;
  const int error = errno;
  const std::string what = "cannot bind a UDP socket to the interface " + device + ": " + reason(error);
  if (error == ENODEV) throw base::Error(what + "; `ip link` lists the interfaces there are");
  if (error == EPERM) throw base::Error(what + "; run as root or with CAP_NET_RAW");
  throw base::Error(what);
}

[[noreturn]] void throw_bind_error(const base::SocketAddress& address, int error) {
  const std::string what = "cannot bind UDP " + address.to_string() + ": " + reason(error);
  if (error == EADDRINUSE)
    throw base::Error(what + "; stop the program that holds it or choose another port");
  if (error == EADDRNOTAVAIL) throw base::Error(what + "; this machine has no such address");
  if (error == EACCES) throw base::Error(what + "; choose a port above 1023 or run as root");
  throw base::Error(what);
}

base::FileDescriptor open_datagram_socket(int domain) {
  return base::FileDescriptor(base::check_syscall(
      "cannot open a UDP socket", ::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)));
}

void bind_to_address(int fd, const base::SocketAddress& address) {
  KernelAddress kernel_address{};
  const auto length = to_kernel(address, kernel_address);
  if (::bind(fd, &kernel_address.generic, length) < 0) throw_bind_error(address, errno);
}

// Another program of ours would let a group join its own.
void refuse_taken_port(int domain, const std::string& device, const base::SocketAddress& address) {
  const auto alone = open_datagram_socket(domain);
  if (domain == AF_INET6) set_option(alone.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
  bind_to_device(alone.get(), device);
  bind_to_address(alone.get(), address);
}

base::SocketAddress address_to_bind(const UdpOptions& options) {
  base::SocketAddress address = options.bind;
  if (address.address.family() != base::Family::kNone) return address;
  const bool v6 = options.family == base::Family::kV6;
  address.address = v6 ? base::IpAddress::v6({}) : base::IpAddress::v4({});
  return address;
}

// EINVAL: the source address is no longer ours; but a remote port of zero, which anybody can send from, gives
// it too.
bool means_unusable(int error, const base::Route& route) {
  if (error == EINVAL) return route.remote.port != 0;
  return error == ENODEV || error == ENXIO || error == EADDRNOTAVAIL;
}

// The device cannot checksum what it would have to cut (EIO), or the kernel is too old for so many segments.
bool means_no_segmentation(int error) {
  return error == EIO || error == EINVAL || error == EOPNOTSUPP;
}

bool grants(int fd, int option, int value) {
  return ::setsockopt(fd, IPPROTO_UDP, option, &value, sizeof(value)) == 0;
}

}  // namespace

UdpSocket::UdpSocket(const UdpOptions& options)
    : id_(options.id),
      messages_(std::make_unique<DatagramMessages>()),
      pieces_(std::make_unique<DatagramMessages>()),
      last_empty_(read_clock().monotonic) {
  oversized_.reserve(kReportedOversized);
  const auto address = address_to_bind(options);
  const int domain = address_family(address.address.family());
  fd_ = open_datagram_socket(domain);
  if (domain == AF_INET6) {
    set_v6_options(fd());
  } else {
    set_v4_options(fd());
  }
  enlarge_buffers(fd());
  set_option(fd(), SOL_SOCKET, SO_TIMESTAMPNS, 1, "SO_TIMESTAMPNS");
  if (options.offload == UdpOffload::kOn) {
    sends_runs_ = grants(fd(), UDP_SEGMENT, 0);
    receives_runs_ = grants(fd(), UDP_GRO, 1);
  }
  bind_to_device(fd(), options.device);
  if (options.port_use == PortUse::kFirstOfGroup) refuse_taken_port(domain, options.device, address);
  if (options.port_use != PortUse::kAlone) set_option(fd(), SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
  bind_to_address(fd(), address);
}

void UdpSocket::steer(std::span<const sock_filter> program) {
  // The kernel only reads it; the type is shared with calls that write.
  const sock_fprog filter{static_cast<unsigned short>(program.size()),
                          const_cast<sock_filter*>(program.data())};
  base::check_syscall("UDP socket option SO_ATTACH_REUSEPORT_CBPF",
                      ::setsockopt(fd(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof(filter)));
}

base::SocketAddress UdpSocket::local_address() const {
  KernelAddress address{};
  socklen_t length = sizeof(address);
  base::check_syscall("getsockname", ::getsockname(fd(), &address.generic, &length));
  return from_kernel(address);
}

ReceiveResult UdpSocket::receive_batch(DatagramSlab& slab) {
  const auto headers = slab.headers();
  for (int attempt = 0; attempt < kReceiveAttempts; ++attempt) {
    const int received =
        ::recvmmsg(fd(), headers.data(), static_cast<unsigned>(headers.size()), MSG_DONTWAIT, nullptr);
    if (received >= 0) {
      const auto count = static_cast<std::size_t>(received);
      const auto now = read_clock();
      const auto truncated = slab.collect(count, {id_, now.wall, now.monotonic - last_empty_});
      const bool is_empty = count < headers.size();
      if (is_empty) last_empty_ = now.monotonic;
      return {slab.datagrams(), truncated, !is_empty};
    }
    if (errno == EAGAIN) break;
  }
  return {};
}

SendResult UdpSocket::send_batch(std::span<const base::Transmit> transmits) {
  SendResult result;
  oversized_.clear();
  messages_->clear();
  for (const auto& run : transmits) {
    const auto count = count_datagrams(run);
    if (count > 1 && runs_to_cut_ > 0) --runs_to_cut_;
    if (count == 1 || (sends_runs_ && runs_to_cut_ == 0)) {
      append(*messages_, run, result);
    } else {
      for (std::size_t i = 0; i < count; ++i) append(*messages_, datagram_of(run, i), result);
    }
  }
  flush(*messages_, result);
  result.oversized = oversized_;
  return result;
}

void UdpSocket::append(DatagramMessages& messages, const base::Transmit& run, SendResult& result) {
  if (messages.full()) flush(messages, result);
  messages.append(run);
}

void UdpSocket::flush(DatagramMessages& messages, SendResult& result) {
  const auto headers = messages.headers();
  std::size_t done = 0;
  while (done < headers.size()) {
    const auto rest = headers.subspan(done);
    const int sent =
        ::sendmmsg(fd(), rest.data(), static_cast<unsigned>(rest.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      const auto before = messages.datagrams_from(done);
      done += static_cast<std::size_t>(sent);
      result.sent += before - messages.datagrams_from(done);
    } else if (errno == EAGAIN) {
      result.buffer_full += messages.datagrams_from(done);
      break;
    } else if (errno != EINTR) {
      const int error = errno;
      note_refusal(messages.run_of(done++), error, result);
    }
  }
  messages.clear();
}

void UdpSocket::note_refusal(const base::Transmit& run, int error, SendResult& result) {
  const auto count = count_datagrams(run);
  if (error == ENOBUFS || error == ENOMEM) {
    result.buffer_full += count;
  } else if (count == 1) {
    note_single_refusal(run, error, result);
  } else {
    if (means_no_segmentation(error)) runs_to_cut_ = kRunsToCut;
    for (std::size_t i = 0; i < count; ++i) append(*pieces_, datagram_of(run, i), result);
    flush(*pieces_, result);
  }
}

void UdpSocket::note_single_refusal(const base::Transmit& datagram, int error, SendResult& result) {
  if (error != EMSGSIZE) {
    ++result.refused;
    result.unusable = result.unusable || means_unusable(error, datagram.route);
    return;
  }
  ++result.too_big;
  if (oversized_.size() < kReportedOversized) oversized_.push_back({datagram.route, datagram.bytes.size()});
}

}  // namespace sennit::io
