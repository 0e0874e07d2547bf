#include "outbound/policy.hpp"

#include <algorithm>
#include <utility>

#include "outbound/classify.hpp"

namespace sennit::outbound {

namespace {

constexpr std::size_t kRemembered = 4096;  // flows
constexpr unsigned kEcnBits = 2;

// An empty list asks for nothing.
template <class List, class Holds>
bool any_or_empty(const List& list, Holds holds) {
  return list.empty() || std::ranges::any_of(list, holds);
}

std::uint8_t dscp_of(const wire::IpPacket& packet) {
  return static_cast<std::uint8_t>(packet.traffic_class >> kEcnBits);
}

}  // namespace

bool Match::takes(const wire::IpPacket& packet) const {
  const auto is_in = [](std::uint16_t port) {
    return [port](const Ports& range) { return range.first <= port && port <= range.last; };
  };
  const bool has_ports = !packet.is_fragment && (packet.source_port != 0 || packet.destination_port != 0);
  return any_or_empty(dscps, [&](std::uint8_t dscp) { return dscp == dscp_of(packet); }) &&
         any_or_empty(protocols, [&](std::uint8_t protocol) { return protocol == packet.protocol; }) &&
         (ports.empty() || (has_ports && (std::ranges::any_of(ports, is_in(packet.source_port)) ||
                                          std::ranges::any_of(ports, is_in(packet.destination_port))))) &&
         any_or_empty(addresses, [&](const base::Prefix& prefix) {
           return prefix.contains(packet.source) || prefix.contains(packet.destination);
         });
}

PolicyTable::PolicyTable(std::vector<Match> policies) : policies_(std::move(policies)) {
  if (!policies_.empty()) known_.resize(kRemembered);
}

void PolicyTable::change(std::vector<Match> policies) {
  policies_ = std::move(policies);
  std::ranges::fill(known_, Known{});
}

ClassId PolicyTable::find(const wire::IpPacket& packet, std::uint64_t seed) {
  if (policies_.empty()) return {};
  const auto flow = flow_hash(packet, seed + dscp_of(packet));
  auto& known = known_[flow % known_.size()];
  if (known.flow != flow) known = {flow, first_match(packet)};
  return known.traffic;
}

ClassId PolicyTable::first_match(const wire::IpPacket& packet) const {
  const auto found = std::ranges::find_if(policies_, [&](const Match& match) { return match.takes(packet); });
  if (found == policies_.end()) return {};
  return {static_cast<std::uint8_t>(found - policies_.begin() + 1)};
}

}  // namespace sennit::outbound
