// One netlink message under construction, and the reading of attributes of one received.
// Used only inside io, between RouteSocket or LinkMonitor and NetlinkSocket: it shows libnl's types.
// Invariant: a message that does not fit its buffer aborts; ours are of bounded size.
#pragma once

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/address.hpp"

namespace sennit::io {

class NetlinkMessage {
 public:
  // `type` is RTM_*, `flags` NLM_F_* beyond REQUEST.
  NetlinkMessage(int type, int flags);

  nl_msg* get() const { return message_.get(); }
  // Appends the fixed header of the request: ifinfomsg, ifaddrmsg, rtmsg …
  template <class Header>
  void put_header(const Header& header) {
    append(&header, sizeof(header));
  }
  void put(int attribute, std::uint8_t value);
  void put(int attribute, std::uint32_t value);
  void put(int attribute, const std::string& value);
  void put(int attribute, const base::IpAddress& address);

  // Attributes put while one lives are inside `attribute`.
  class Nest {
   public:
    Nest(NetlinkMessage& message, int attribute);
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    ~Nest();

   private:
    nl_msg* message_;
    nlattr* start_;
  };

 private:
  struct Free {
    void operator()(nl_msg* message) const { nlmsg_free(message); }
  };
  void append(const void* bytes, std::size_t length);

  std::unique_ptr<nl_msg, Free> message_;
};

// The fixed header of a received message; nullptr where it is shorter than that.
template <class Header>
const Header* header_of(nlmsghdr* message) {
  if (nlmsg_valid_hdr(message, sizeof(Header)) == 0) return nullptr;
  return static_cast<const Header*>(nlmsg_data(message));
}

// Attributes of a received message whose fixed header is `header_length` long.
class NetlinkAttributes {
 public:
  NetlinkAttributes(nlmsghdr* message, std::size_t header_length);

  std::optional<std::uint32_t> u32(int attribute) const;
  std::string text(int attribute) const;
  base::IpAddress address(int attribute) const;

 private:
  nlattr* find(int attribute) const;

  nlattr* first_;
  int length_;
};

}  // namespace sennit::io
