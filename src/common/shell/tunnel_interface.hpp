// The TUN device as the rest of the machine sees it: up, with an MTU, addresses and routes.
// Client and gateway tell it what shall be there; it adds and removes the difference. Carries no packets: see
// Pump. Refusals are returned as sentences: at start the caller fails with them, later it logs them.
// Invariant: routes stay while nothing asks for other ones, so that a peer that is down makes no packet leave
// elsewhere.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "io/assigned_address.hpp"
#include "io/installed_route.hpp"
#include "io/interface.hpp"
#include "io/route_socket.hpp"
#include "io/tun_device.hpp"
#include "wire/mss.hpp"

namespace sennit::shell {

using Refusals = std::vector<std::string>;

// RFC 8200, section 5.
inline constexpr std::uint16_t kSmallestV6Mtu = 1280;

class TunnelInterface {
 public:
  // Brings the device up with this MTU; throws base::Error where the kernel refuses.
  TunnelInterface(const io::TunDevice& tun, wire::InnerMtu mtu);
  TunnelInterface(const TunnelInterface&) = delete;
  TunnelInterface& operator=(const TunnelInterface&) = delete;
  ~TunnelInterface();

  [[nodiscard]] Refusals set_mtu(wire::InnerMtu mtu);
  // Replaces all addresses. Routes are put back, since the kernel removes them with a family's last address.
  [[nodiscard]] Refusals set_addresses(std::vector<base::Prefix> addresses);
  // Replaces all routes. A default route becomes two halves, and only for families that the tunnel has an
  // address of.
  [[nodiscard]] Refusals set_routes(std::vector<base::Prefix> routes);
  // Puts back what the kernel removed while somebody had set the device down; `interfaces` are those there
  // are now.
  [[nodiscard]] Refusals restore(std::span<const io::Interface> interfaces);

  const std::vector<base::Prefix>& addresses() const { return wanted_addresses_; }
  const std::string& name() const { return name_; }

 private:
  Refusals install_all();
  Refusals install_routes();
  bool is_installed(const base::Prefix& destination) const;

  std::string name_;
  io::InterfaceIndex index_;
  io::InterfaceState state_ = io::InterfaceState::kRunning;
  wire::InnerMtu mtu_;
  io::RouteSocket socket_;
  std::vector<base::Prefix> wanted_addresses_;
  std::vector<base::Prefix> wanted_routes_;
  std::vector<io::AssignedAddress> addresses_;
  std::vector<io::InstalledRoute> routes_;
};

// The routes for `wanted`, default routes split in halves and left out where `addresses` has none of their
// family; each once, and none that an address of the tunnel brings along.
std::vector<base::Prefix> routes_for(std::span<const base::Prefix> wanted,
                                     std::span<const base::Prefix> addresses);

}  // namespace sennit::shell
