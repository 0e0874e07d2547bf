// A netlink socket that the kernel tells of changes: how it is opened, and how it is read dry.
// Used inside io, by LinkMonitor and Neighbours. Asks nothing: see NetlinkSocket.
#pragma once

#include <functional>

#include "base/fd.hpp"

struct nlmsghdr;

namespace sennit::io {

enum class EventLoss : std::uint8_t {
  kNone,
  kSome,  // more came than the socket could hold
};

// Subscribed to `groups` (RTMGRP_*) of NETLINK_ROUTE; throws base::Error when the kernel refuses. `what` is
// for the sentence: "link events".
base::FileDescriptor subscribe(unsigned groups, const char* what);

// Reads all that waits; `on_event` sees every message.
EventLoss drain_events(int fd, const std::function<void(nlmsghdr*)>& on_event);

}  // namespace sennit::io
