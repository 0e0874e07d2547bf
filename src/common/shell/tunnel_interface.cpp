#include "shell/tunnel_interface.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace sennit::shell {

namespace {

std::string refusal(const std::string& name, const std::string& what, const std::error_code& error) {
  return "cannot " + what + " the interface " + name + ": " + error.message();
}

bool has_family(std::span<const base::Prefix> addresses, base::Family family) {
  return std::ranges::any_of(addresses, [family](const base::Prefix& own) { return own.family() == family; });
}

// The kernel adds this route itself, with the address.
bool comes_with_address(std::span<const base::Prefix> addresses, const base::Prefix& route) {
  return std::ranges::any_of(addresses, [&](const base::Prefix& own) { return own.network() == route; });
}

}  // namespace

std::vector<base::Prefix> routes_for(std::span<const base::Prefix> wanted,
                                     std::span<const base::Prefix> addresses) {
  std::vector<base::Prefix> routes;
  for (const base::Prefix& prefix : wanted) {
    if (prefix.length() == 0 && !has_family(addresses, prefix.family())) continue;
    for (const base::Prefix& part : io::prefixes_to_route(prefix)) {
      const auto route = part.network();
      const bool known = std::ranges::find(routes, route) != routes.end();
      if (!known && !comes_with_address(addresses, route)) routes.push_back(route);
    }
  }
  return routes;
}

TunnelInterface::TunnelInterface(const io::TunDevice& tun, wire::InnerMtu mtu)
    : name_(tun.name()), index_(tun.index()), mtu_(mtu) {
  io::LinkSettings settings;
  settings.mtu = mtu.value;
  settings.queue_length = io::kTunQueueLength;
  settings.without_link_local = true;
  if (const auto error = socket_.configure(index_, settings))
    throw base::Error(refusal(name_, "set up", error));
  io::LinkSettings up;
  up.up = true;
  if (const auto error = socket_.configure(index_, up)) throw base::Error(refusal(name_, "bring up", error));
}

TunnelInterface::~TunnelInterface() {
  routes_.clear();
  addresses_.clear();
}

Refusals TunnelInterface::set_mtu(wire::InnerMtu mtu) {
  io::LinkSettings settings;
  settings.mtu = mtu.value;
  const bool begins_v6 = mtu_.value < kSmallestV6Mtu && mtu.value >= kSmallestV6Mtu;
  if (const auto error = socket_.configure(index_, settings))
    return {refusal(name_, "set the MTU of", error)};
  mtu_ = mtu;
  if (!begins_v6) return {};
  // The kernel had ended IPv6 on the interface, and forgotten its addresses and settings.
  Refusals refusals;
  io::LinkSettings again;
  again.without_link_local = true;
  if (const auto error = socket_.configure(index_, again))
    refusals.push_back(refusal(name_, "set up", error));
  const auto more = install_all();
  refusals.insert(refusals.end(), more.begin(), more.end());
  return refusals;
}

Refusals TunnelInterface::set_addresses(std::vector<base::Prefix> addresses) {
  if (addresses == wanted_addresses_) return {};
  wanted_addresses_ = std::move(addresses);
  return install_all();
}

Refusals TunnelInterface::set_routes(std::vector<base::Prefix> routes) {
  wanted_routes_ = std::move(routes);
  return install_routes();
}

Refusals TunnelInterface::restore(std::span<const io::Interface> interfaces) {
  const auto found = std::ranges::find(interfaces, index_, &io::Interface::index);
  if (found == interfaces.end()) return {};
  const auto before = std::exchange(state_, found->state);
  const bool came_up = before == io::InterfaceState::kDown && state_ == io::InterfaceState::kRunning;
  return came_up ? install_all() : Refusals{};
}

Refusals TunnelInterface::install_all() {
  Refusals refusals;
  routes_.clear();
  addresses_.clear();
  for (const base::Prefix& address : wanted_addresses_) {
    if (address.family() == base::Family::kV6 && mtu_.value < kSmallestV6Mtu) continue;
    try {
      addresses_.emplace_back(socket_, index_, address);
    } catch (const base::Error& error) {
      refusals.emplace_back(error.what());
    }
  }
  auto more = install_routes();
  refusals.insert(refusals.end(), more.begin(), more.end());
  return refusals;
}

Refusals TunnelInterface::install_routes() {
  Refusals refusals;
  const auto wanted = routes_for(wanted_routes_, wanted_addresses_);
  const auto is_superfluous = [&](const io::InstalledRoute& installed) {
    return std::ranges::find(wanted, installed.route().destination) == wanted.end();
  };
  std::erase_if(routes_, is_superfluous);
  for (const base::Prefix& destination : wanted) {
    if (is_installed(destination)) continue;
    try {
      routes_.emplace_back(socket_, io::DeviceRoute{destination, index_, {}, {}, {}});
    } catch (const base::Error& error) {
      refusals.emplace_back(error.what());
    }
  }
  return refusals;
}

bool TunnelInterface::is_installed(const base::Prefix& destination) const {
  return std::ranges::any_of(
      routes_, [&](const io::InstalledRoute& route) { return route.route().destination == destination; });
}

}  // namespace sennit::shell
