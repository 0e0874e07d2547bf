// Which inner addresses the gateway lends to peers that are configured without any.
// Computed once, when the gateway starts; written to the state folder by lease_file.hpp. Pure: no file, no
// clock. Invariant: no address is lent twice, and none that is the gateway's own, configured for a peer,
// inside a peer's network, or the network or broadcast address of its prefix. A peer keeps its address as
// long as that holds.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "crypto/keys.hpp"

namespace sennit::server {

// What each peer has been lent, by public key: at most one address of each of the gateway's prefixes.
using LeaseTable = std::map<crypto::PublicKey, std::vector<base::IpAddress>>;

class Leases {
 public:
  // `own`: the gateway's interface addresses, whose networks are lent from; `taken`: what belongs to
  // configured peers; `earlier`: what was lent by former runs.
  Leases(std::vector<base::Prefix> own, std::vector<base::Prefix> taken, LeaseTable earlier);

  // The addresses of this peer, with the lengths of the gateway's networks. Empty: every network is used up.
  std::vector<base::Prefix> lend(const crypto::PublicKey& key);
  // Everything lent, by this run and earlier ones.
  const LeaseTable& table() const { return lent_; }

 private:
  bool may_be_lent(const base::Prefix& own, const base::IpAddress& address) const;
  std::optional<base::IpAddress> earlier_in(const base::Prefix& own, const crypto::PublicKey& key) const;
  std::optional<base::IpAddress> first_free(const base::Prefix& own) const;
  std::optional<base::IpAddress> take_from_stranger(const base::Prefix& own);

  std::vector<base::Prefix> own_;
  std::vector<base::Prefix> taken_;
  LeaseTable lent_;
  std::set<base::IpAddress> in_use_;    // every address in lent_
  std::set<crypto::PublicKey> served_;  // peers that asked in this run: their addresses are not taken away
};

}  // namespace sennit::server
