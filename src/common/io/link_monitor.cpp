#include "io/link_monitor.hpp"

#include <linux/rtnetlink.h>

#include "io/netlink_events.hpp"
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

}  // namespace

LinkMonitor::LinkMonitor() : fd_(subscribe(kGroups, "link events")) {}

LinkChange LinkMonitor::drain() {
  auto change = LinkChange::kNone;
  const auto loss = drain_events(fd(), [&change](nlmsghdr* message) {
    if (is_change(message)) change = LinkChange::kSome;
  });
  return loss == EventLoss::kSome ? LinkChange::kSome : change;
}

}  // namespace sennit::io
