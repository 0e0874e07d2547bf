#include "io/link_monitor.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "io/netlink_message.hpp"

namespace sennit::io {

namespace {

constexpr unsigned kGroups =
    RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;

bool is_change(nlmsghdr* message) {
  switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
    case RTM_NEWADDR:
    case RTM_DELADDR: return true;
    case RTM_NEWROUTE:
    case RTM_DELROUTE: break;
    default: return false;
  }
  // The local and broadcast tables only repeat what the address events said.
  const auto* route = header_of<rtmsg>(message);
  return route != nullptr && (route->rtm_flags & RTM_F_CLONED) == 0 && route->rtm_type == RTN_UNICAST;
}

bool holds_change(nlmsghdr* first, int length) {
  bool changed = false;
  for (auto* message = first; nlmsg_ok(message, length) != 0; message = nlmsg_next(message, &length)) {
    changed = changed || is_change(message);
  }
  return changed;
}

base::FileDescriptor subscribe() {
  base::FileDescriptor fd(
      base::check_syscall("cannot open a netlink socket for link events",
                          ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kGroups;
  base::check_syscall("cannot subscribe to link events",
                      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  return fd;
}

}  // namespace

LinkMonitor::LinkMonitor() : fd_(subscribe()) {}

LinkChange LinkMonitor::drain() {
  alignas(nlmsghdr) std::array<std::uint8_t, 32768> buffer;
  auto change = LinkChange::kNone;
  while (true) {
    const auto length = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == ENOBUFS) {
      change = LinkChange::kSome;
      continue;
    }
    if (length <= 0) return change;
    if (holds_change(reinterpret_cast<nlmsghdr*>(buffer.data()), static_cast<int>(length)))
      change = LinkChange::kSome;
  }
}

}  // namespace sennit::io
