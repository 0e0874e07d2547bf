// Which addresses are whose, for devices that are known by MAC address: the neighbour table as it was last
// heard of. Pure, between io::Neighbours and Devices.
// An entry stays while the kernel has it, stale or failed: a host that is quiet is the same host. An address
// is one MAC address's; where two interfaces tell of it differently, the later word counts.
// Reasons: docs/impairment.md, "Devices".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/mac_address.hpp"
#include "io/neighbours.hpp"

namespace sennit::shell {

enum class NeighbourChange : std::uint8_t {
  kNone,  // everybody has the addresses that they had
  kSome,
};

class Neighbourhood {
 public:
  NeighbourChange note(const io::NeighbourNews& news);
  // In order, as host prefixes. Those that are claimed by somebody else are left out.
  std::vector<base::Prefix> addresses_of(const base::MacAddress& mac,
                                         const std::function<bool(const base::Prefix&)>& is_claimed) const;

 private:
  using Place = std::pair<base::IpAddress, io::InterfaceIndex>;
  struct Owner {
    base::MacAddress mac;
    std::uint64_t heard = 0;  // the later, the larger
  };

  NeighbourChange note(const io::Neighbour& neighbour);
  NeighbourChange forget_all_but(const std::vector<io::Neighbour>& entries);
  const Owner& owner_of(const base::IpAddress& address) const;

  std::map<Place, Owner> owners_;
  std::uint64_t heard_ = 0;
};

}  // namespace sennit::shell
