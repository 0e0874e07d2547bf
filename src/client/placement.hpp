// Where a configured link is right now: which interface, with which addresses. Pure: a snapshot in, a value
// out. Read by Uplinks, which opens and closes sockets by it. Invariant: a placement has at least one usable
// address; a link without one is not there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "config/options.hpp"
#include "io/interface.hpp"

namespace sennit::client {

struct Placement {
  io::InterfaceIndex index;
  std::string device;
  unsigned mtu = 0;
  base::IpAddress source;                  // to bind to; no family: the kernel chooses
  std::vector<base::IpAddress> addresses;  // usable now; only `source` where that is given

  // The first address of this family; none where the link does not have the family.
  std::optional<base::IpAddress> address_of(base::Family family) const;
  bool operator==(const Placement&) const = default;
};

// The link by its interface's name, or the interface that owns its source address. None while that does not
// exist, is not running, or has no usable address.
std::optional<Placement> place(const config::LinkOptions& link, std::span<const io::Interface> interfaces);

// May sockets of this family that were opened at `before` go on at `after`? Not when the device is another
// one, or an address that they may be sending from is gone.
bool sockets_survive(const Placement& before, const Placement& after, base::Family family);

}  // namespace sennit::client
