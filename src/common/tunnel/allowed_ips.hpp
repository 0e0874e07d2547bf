// Cryptokey routing: which peer owns an inner address, by longest prefix. Asked once a packet in both
// directions. Cost depends on how many different prefix lengths there are, not on how many peers; addresses
// asked for lately are remembered. Invariant: a prefix belongs to one peer; the one added last.
#pragma once

#include <array>
#include <functional>
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
  std::optional<base::PeerId> find(const base::IpAddress& address) {
    Answer& recent = recent_[std::hash<base::IpAddress>{}(address) % kRecent];
    if (recent.address != address) recent = {address, look_up(address)};
    return recent.owner;
  }

 private:
  static constexpr std::size_t kRecent = 256;
  struct Answer {
    base::IpAddress address;
    std::optional<base::PeerId> owner;
  };
  using Owners = std::unordered_map<base::IpAddress, base::PeerId>;
  // Longest first, one map a length.
  using ByLength = std::map<unsigned, Owners, std::greater<>>;

  std::optional<base::PeerId> look_up(const base::IpAddress& address) const;

  ByLength v4_;
  ByLength v6_;
  std::array<Answer, kRecent> recent_;
};

}  // namespace sennit::tunnel
