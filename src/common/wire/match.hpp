// What an inner packet must be to be meant: by DSCP, protocol, ports, addresses. The one language in which
// policies (outbound/policy.hpp) and filters (device/filters.hpp) tell packets apart.
// Looks at what IpPacket holds and at no bytes. Invariant: an empty list asks for nothing; fragments and
// packets without ports match no list of ports.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "wire/ip.hpp"

namespace sennit::wire {

// `first` to `last`, both included.
struct Ports {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

// Of each list one must hold, where there is a list.
struct Match {
  std::vector<std::uint8_t> dscps;
  std::vector<std::uint8_t> protocols;
  std::vector<Ports> ports;             // of either end
  std::vector<base::Prefix> addresses;  // of either end

  bool takes(const IpPacket& packet) const;
};

// The six bits of the traffic class that are no ECN.
std::uint8_t dscp_of(const IpPacket& packet);

}  // namespace sennit::wire
