// Asks the kernel to configure interfaces, addresses and routes, and to list interfaces.
// Used by the shells for the TUN device; the owners (InstalledRoute, AssignedAddress) give back what they
// set. Does not watch for changes: see LinkMonitor. Invariant: a request is done or refused when the call
// returns; a refusal is a value, with the kernel's errno.
#pragma once

#include <cstdint>
#include <optional>
#include <system_error>
#include <vector>

#include "base/address.hpp"
#include "io/interface.hpp"
#include "io/netlink_socket.hpp"

namespace sennit::io {

// What to change of an interface; what is absent stays as it is.
struct LinkSettings {
  std::optional<unsigned> mtu;
  std::optional<unsigned> queue_length;  // packets
  std::optional<bool> up;
  // IPv6: no fe80:: address, hence no router solicitations into the tunnel. Holds until the kernel ends IPv6
  // on the interface; where it has none, nothing is to be done.
  bool without_link_local = false;
};

// A route out of an interface, without a next hop.
struct DeviceRoute {
  base::Prefix destination;  // its host bits are ignored
  InterfaceIndex device;
  std::optional<unsigned> mtu;
  std::optional<unsigned> metric;
  base::IpAddress source;  // preferred source address; no family: the kernel chooses

  bool operator==(const DeviceRoute&) const = default;
};

// The prefixes to route for `prefix`: itself, or, for a default route, its two halves, which are preferred to
// the default route that is there without replacing it.
std::vector<base::Prefix> prefixes_to_route(const base::Prefix& prefix);

class RouteSocket {
 public:
  [[nodiscard]] std::error_code configure(InterfaceIndex index, const LinkSettings& settings);

  // IPv6 addresses are usable at once: without duplicate address detection.
  [[nodiscard]] std::error_code add_address(InterfaceIndex index, const base::Prefix& address);
  [[nodiscard]] std::error_code remove_address(InterfaceIndex index, const base::Prefix& address);

  // Refused with EEXIST where the same destination and metric is routed already.
  [[nodiscard]] std::error_code add_route(const DeviceRoute& route);
  [[nodiscard]] std::error_code remove_route(const DeviceRoute& route);

  // All interfaces of this network namespace, loopback included; empty when the kernel refuses.
  std::vector<Interface> interfaces();

 private:
  std::error_code forbid_link_local(InterfaceIndex index);
  std::error_code remove_link_local(InterfaceIndex index);

  NetlinkSocket socket_;
};

}  // namespace sennit::io
