#include "client/placement.hpp"

#include <algorithm>

namespace sennit::client {

namespace {

bool owns(const io::Interface& interface, const base::IpAddress& address) {
  return std::ranges::any_of(interface.addresses,
                             [&](const base::Prefix& own) { return own.address() == address; });
}

std::vector<base::IpAddress> all_addresses(const io::Interface& interface) {
  std::vector<base::IpAddress> addresses;
  for (const base::Prefix& own : interface.addresses) addresses.push_back(own.address());
  return addresses;
}

}  // namespace

std::optional<base::IpAddress> Placement::address_of(base::Family family) const {
  const auto found = std::ranges::find(addresses, family, &base::IpAddress::family);
  if (found == addresses.end()) return std::nullopt;
  return *found;
}

std::optional<Placement> place(const config::LinkOptions& link, std::span<const io::Interface> interfaces) {
  const bool by_name = !link.interface.empty();
  const auto found = std::ranges::find_if(interfaces, [&](const io::Interface& interface) {
    return by_name ? interface.name == link.interface : owns(interface, link.address);
  });
  if (found == interfaces.end() || found->state != io::InterfaceState::kRunning) return std::nullopt;
  auto addresses = by_name ? all_addresses(*found) : std::vector{link.address};
  if (addresses.empty()) return std::nullopt;
  return Placement{found->index, found->name, found->mtu, link.address, std::move(addresses)};
}

bool sockets_survive(const Placement& before, const Placement& after, base::Family family) {
  if (before.index != after.index || before.device != after.device || before.source != after.source)
    return false;
  const auto is_kept = [&](const base::IpAddress& address) {
    return address.family() != family || std::ranges::find(after.addresses, address) != after.addresses.end();
  };
  return before.address_of(family).has_value() && std::ranges::all_of(before.addresses, is_kept);
}

}  // namespace sennit::client
