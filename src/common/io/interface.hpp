// A network interface as the kernel describes it, as a value.
// Made by RouteSocket::interfaces(), read by the client's uplinks and by `doctor`.
// Invariant: `addresses` holds only what a socket may be bound to now (global or site scope, duplicate
// address detection done, not deprecated).
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/units.hpp"

namespace sennit::io {

// The kernel's number of an interface; a device that comes back has another one.
using InterfaceIndex = base::Identifier<struct InterfaceIndexTag, int>;

enum class InterfaceState {
  kDown,     // administratively down, without carrier, or not yet associated
  kRunning,  // up, and the kernel says that it can carry packets
};

struct Interface {
  InterfaceIndex index;
  std::string name;
  unsigned mtu = 0;
  InterfaceState state = InterfaceState::kDown;
  std::vector<base::Prefix> addresses;

  bool operator==(const Interface&) const = default;
};

// What an interface is called now; empty where there is none of this number.
std::string name_of(InterfaceIndex index);

}  // namespace sennit::io
