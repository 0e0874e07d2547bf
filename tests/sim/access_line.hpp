// A subscriber's line to the core: a link each way, addresses of both families, and optionally a NAT for
// IPv4. The subscriber's sockets are known by family and port, so that they survive a change of address as
// real ones do. Stands between a Client and the Network. The NAT maps and filters independently of the other
// end (RFC 4787). Invariant: what was in flight when the line changed arrives, or is lost, by the state at
// its arrival.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "base/address.hpp"
#include "link/path.hpp"
#include "sim/network.hpp"
#include "sim/virtual_link.hpp"

namespace sennit::sim {

enum class Nat : std::uint8_t { kNone, kPresent };

struct LineAddresses {
  base::IpAddress v4;  // as the core sees them
  base::IpAddress v6;
};

class AccessLine {
 public:
  using Bytes = std::vector<std::uint8_t>;
  using Tap = std::function<void(const Datagram&)>;

  AccessLine(Network& network, const LineAddresses& addresses, Nat nat, const LinkConditions& up,
             const LinkConditions& down);
  ~AccessLine();
  AccessLine(const AccessLine&) = delete;
  AccessLine& operator=(const AccessLine&) = delete;

  // --- the subscriber's side ---
  // A socket of this family and port; the datagrams it gets carry the subscriber's own address as
  // destination.
  void bind(base::Family family, std::uint16_t port, Network::Receiver receiver);
  void unbind(base::Family family, std::uint16_t port);
  void send(std::uint16_t port, const base::SocketAddress& destination, Bytes bytes);
  // The address that the subscriber's interface has.
  base::IpAddress subscriber_address(base::Family family) const;

  // --- what may happen to it ---
  VirtualLink& up() { return up_; }
  VirtualLink& down() { return down_; }
  // Both directions at once.
  void set_out(bool is_out) { up_.conditions.is_out = down_.conditions.is_out = is_out; }
  void set_loss(double share) { up_.conditions.loss = down_.conditions.loss = share; }
  void set_mtu(link::PathMtu mtu) { up_.conditions.mtu = down_.conditions.mtu = mtu; }
  // Other addresses from now on; those before lead nowhere.
  void renumber(const LineAddresses& addresses);
  // The NAT forgets its mappings and gives new ports from now on.
  void rebind_nat();
  // Sees every datagram that leaves the line at either end.
  void set_tap(Tap tap) { tap_ = std::move(tap); }

  // What the interface says its MTU is; what the line carries may be less.
  link::PathMtu interface_mtu{1500};

 private:
  using Socket = std::pair<base::Family, std::uint16_t>;

  void connect();
  void disconnect();
  std::uint16_t public_port(std::uint16_t port);
  // From the core to the subscriber.
  void deliver(Datagram datagram);
  void arrive(Datagram datagram);

  Network& network_;
  LineAddresses addresses_;
  Nat nat_;
  VirtualLink up_;
  VirtualLink down_;
  Tap tap_;
  std::map<Socket, Network::Receiver> sockets_;
  std::uint16_t next_public_port_ = 20'000;
  std::map<std::uint16_t, std::uint16_t> to_public_;
  std::map<std::uint16_t, std::uint16_t> to_private_;
};

}  // namespace sennit::sim
