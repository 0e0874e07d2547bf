#include "io/netlink_events.hpp"

#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>

namespace sennit::io {

base::FileDescriptor subscribe(unsigned groups, const char* what) {
  const std::string name(what);
  base::FileDescriptor fd(
      base::check_syscall("cannot open a netlink socket for " + name,
                          ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  base::check_syscall("cannot subscribe to " + name,
                      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  return fd;
}

EventLoss drain_events(int fd, const std::function<void(nlmsghdr*)>& on_event) {
  alignas(nlmsghdr) std::array<std::uint8_t, 32768> buffer;
  auto loss = EventLoss::kNone;
  while (true) {
    const auto received = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0 && errno == ENOBUFS) {
      loss = EventLoss::kSome;
      continue;
    }
    if (received <= 0) return loss;
    int length = static_cast<int>(received);
    for (auto* message = reinterpret_cast<nlmsghdr*>(buffer.data()); nlmsg_ok(message, length) != 0;
         message = nlmsg_next(message, &length))
      on_event(message);
  }
}

}  // namespace sennit::io
