#include "tunnel/allowed_ips.hpp"

namespace sennit::tunnel {

void AllowedIps::add(const base::Prefix& prefix, base::PeerId peer) {
  auto& lengths = prefix.family() == base::Family::kV4 ? v4_ : v6_;
  lengths[prefix.length()][prefix.network().address()] = peer;
  recent_.fill({});
}

std::optional<base::PeerId> AllowedIps::look_up(const base::IpAddress& address) const {
  const auto& lengths = address.family() == base::Family::kV4 ? v4_ : v6_;
  for (const auto& [length, owners] : lengths) {
    const auto found = owners.find(base::Prefix(address, length).network().address());
    if (found != owners.end()) return found->second;
  }
  return std::nullopt;
}

}  // namespace sennit::tunnel
