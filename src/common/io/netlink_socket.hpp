// A netlink socket for requests: one question, one answer, blocking for the microseconds the kernel needs.
// Used inside io and by the server's tc. Keeps the kernel's errno, which libnl's own codes blur.
// Invariant: when a call returns, no answer to it is left in the socket.
#pragma once

#include <functional>
#include <memory>
#include <system_error>

struct nl_sock;
struct nlmsghdr;

namespace sennit::io {

class NetlinkMessage;

class NetlinkSocket {
 public:
  // Connects to NETLINK_ROUTE; throws base::Error when the kernel refuses.
  NetlinkSocket();

  // Sends and waits for the acknowledgement.
  std::error_code request(const NetlinkMessage& message);
  // Sends a dump request; `on_entry` sees every message of the answer.
  std::error_code dump(const NetlinkMessage& message, const std::function<void(nlmsghdr*)>& on_entry);

 private:
  struct Free {
    void operator()(nl_sock* socket) const;
  };
  std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace sennit::io
