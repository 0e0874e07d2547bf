// One netlink message under construction, and the reading of attributes of one received.
// Used inside io, between RouteSocket or LinkMonitor and NetlinkSocket, and by the server's tc: it shows
// libnl's types. Invariant: a message that does not fit its buffer aborts; ours are of bounded size.
#pragma once

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/address.hpp"

namespace sennit::io {

class NetlinkMessage {
 public:
  // `type` is RTM_*, `flags` NLM_F_* beyond REQUEST.
  NetlinkMessage(int type, int flags);
  // Likewise, with room for so many bytes instead of a page.
  NetlinkMessage(int type, int flags, std::size_t room);

  nl_msg* get() const { return message_.get(); }
  // Appends the fixed header of the request: ifinfomsg, ifaddrmsg, rtmsg …
  template <class Header>
  void put_header(const Header& header) {
    append(&header, sizeof(header));
  }
  // Appends bytes of another message: header and attributes.
  void put_bytes(std::span<const std::uint8_t> bytes) { append(bytes.data(), bytes.size()); }
  void put(int attribute, std::uint8_t value);
  void put(int attribute, std::uint16_t value);
  void put(int attribute, std::uint32_t value);
  void put(int attribute, std::uint64_t value);
  void put(int attribute, const std::string& value);
  void put(int attribute, const base::IpAddress& address);
  void put(int attribute, std::span<const std::uint8_t> bytes);
  // A structure of the kernel's.
  template <class Structure>
  void put_structure(int attribute, const Structure& structure) {
    put(attribute, {reinterpret_cast<const std::uint8_t*>(&structure), sizeof(structure)});
  }

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
  // Empty where there is none.
  std::span<const std::uint8_t> bytes(int attribute) const;

 private:
  nlattr* find(int attribute) const;

  nlattr* first_;
  int length_;
};

}  // namespace sennit::io
