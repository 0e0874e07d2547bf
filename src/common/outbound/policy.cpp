#include "outbound/policy.hpp"

#include <algorithm>
#include <utility>

#include "outbound/classify.hpp"

namespace sennit::outbound {

namespace {

constexpr std::size_t kRemembered = 4096;  // flows

}  // namespace

PolicyTable::PolicyTable(std::vector<wire::Match> policies) : policies_(std::move(policies)) {
  if (!policies_.empty()) known_.resize(kRemembered);
}

void PolicyTable::change(std::vector<wire::Match> policies) {
  policies_ = std::move(policies);
  std::ranges::fill(known_, Known{});
}

ClassId PolicyTable::find(const wire::IpPacket& packet, std::uint64_t seed) {
  if (policies_.empty()) return {};
  const auto flow = flow_hash(packet, seed + wire::dscp_of(packet));
  auto& known = known_[flow % known_.size()];
  if (known.flow != flow) known = {flow, first_match(packet)};
  return known.traffic;
}

ClassId PolicyTable::first_match(const wire::IpPacket& packet) const {
  const auto found =
      std::ranges::find_if(policies_, [&](const wire::Match& match) { return match.takes(packet); });
  if (found == policies_.end()) return {};
  return {static_cast<std::uint8_t>(found - policies_.begin() + 1)};
}

}  // namespace sennit::outbound
