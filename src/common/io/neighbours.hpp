// The kernel's neighbour table: which MAC address answers for which address of a LAN. Read once, then told.
// Stands at the rim of whoever knows devices by MAC address (shell/neighbourhood.hpp); its fd wakes the
// driver. Asks nobody on the wire, and never polls. Leaves out what is not routed: link-local addresses,
// groups, and proxies. Invariant: after any change fd() becomes readable; a lost message makes the next
// read() give the whole table.
#pragma once

#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/fd.hpp"
#include "base/mac_address.hpp"
#include "io/interface.hpp"
#include "io/netlink_socket.hpp"

struct nlmsghdr;

namespace sennit::io {

enum class Presence : std::uint8_t {
  kThere,  // stale and failed ones, too
  kGone,   // deleted
};

// An entry of the table.
struct Neighbour {
  InterfaceIndex interface;
  base::IpAddress address;
  std::optional<base::MacAddress> mac;  // none: the kernel does not know it now
  Presence presence = Presence::kThere;
  bool operator==(const Neighbour&) const = default;
};

enum class Extent : std::uint8_t {
  kChanges,
  kWhole,  // an entry that is not named is gone
};

struct NeighbourNews {
  std::vector<Neighbour> entries;  // in the order of events
  Extent extent = Extent::kChanges;
};

class Neighbours {
 public:
  // Subscribes; throws base::Error when the kernel refuses. Changes count from here.
  Neighbours();

  int fd() const { return fd_.get(); }
  // What is new: at first the whole table.
  NeighbourNews read();

 private:
  void drain(NeighbourNews& news);
  std::optional<NeighbourNews> dump();

  base::FileDescriptor fd_;
  NetlinkSocket requests_;
  bool is_behind_ = true;
};

// Of a message from the kernel; none: another kind of message, or an entry that is left out.
std::optional<Neighbour> parse_neighbour(nlmsghdr* message);

}  // namespace sennit::io
