// Inner packet -> flow bucket: a keyed hash of addresses, protocol and ports, so that one connection stays
// together. First step of outbound. Fragments of one packet share a bucket: they hash without ports.
#pragma once

#include "base/units.hpp"
#include "wire/ip.hpp"

namespace sennit::outbound {

inline constexpr std::uint16_t kFlowBuckets = 1024;

// A hash of what makes a flow: addresses, protocol and ports.
std::uint64_t flow_hash(const wire::IpPacket& packet, std::uint64_t seed);

// The bucket of this packet; `seed` keeps strangers from aiming at one bucket.
base::FlowBucket classify(const wire::IpPacket& packet, std::uint64_t seed);

}  // namespace sennit::outbound
