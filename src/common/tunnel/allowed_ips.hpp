// Cryptokey routing: which peer owns an inner address, by longest prefix. Asked once a packet in both
// directions. Cost depends on how many different prefix lengths there are, not on how many peers. Invariant:
// a prefix belongs to one peer; the one added last.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>

#include "base/address.hpp"
#include "base/units.hpp"

namespace sennit::tunnel {

class AllowedIps {
 public:
  void add(const base::Prefix& prefix, base::PeerId peer);
  // The owner of this address.
  std::optional<base::PeerId> find(const base::IpAddress& address) const;

 private:
  using Owners = std::unordered_map<base::IpAddress, base::PeerId>;
  // Longest first, one map a length.
  using ByLength = std::map<unsigned, Owners, std::greater<>>;

  ByLength v4_;
  ByLength v6_;
};

}  // namespace sennit::tunnel
