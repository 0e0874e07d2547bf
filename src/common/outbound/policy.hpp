// Which class of traffic an inner packet belongs to: that of the first policy that it matches. Stands beside
// classify; the class decides how, and over which links, the packet is scheduled. What a flow's first packet
// was found to be is remembered, so that a packet costs the same with one policy as with fifty.
// Invariant: packets of one flow with one DSCP are of one class (fragments apart, which have no ports).
// Reasons: docs/scheduling.md, "Policies".
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.hpp"
#include "wire/ip.hpp"
#include "wire/match.hpp"

namespace sennit::outbound {

// The policy's place in the configuration, from 1; zero: what no policy matches.
using ClassId = base::Identifier<struct TrafficClassTag, std::uint8_t>;

class PolicyTable {
 public:
  // In the order of their precedence; no more than a ClassId has room for.
  explicit PolicyTable(std::vector<wire::Match> policies);
  // As many others in their place.
  void change(std::vector<wire::Match> policies);

  // The packet's class; `seed` keeps strangers from aiming at what is remembered of others.
  ClassId find(const wire::IpPacket& packet, std::uint64_t seed);

 private:
  struct Known {
    std::uint64_t flow = 0;
    ClassId traffic;
  };

  ClassId first_match(const wire::IpPacket& packet) const;

  std::vector<wire::Match> policies_;
  std::vector<Known> known_;  // by hash; a flow takes the place of another now and then
};

}  // namespace sennit::outbound
