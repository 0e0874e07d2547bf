// Addresses, ports and names as users write them: `0.0.0.0:6000-6003`, `vps.example.net:6000`,
// `10.77.0.1/24`, `eth0`. The same parsers serve the command line and the TOML file. Nothing is resolved or
// looked up. Invariant: a PortRange is never empty and holds at most kMaxPorts ports.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "config/parsed.hpp"

namespace sennit::config {

// One UDP socket is opened a port, and a session has at most 32 paths: more would only cost descriptors.
inline constexpr unsigned kMaxPorts = 256;
// Longest name of a peer or link, as the protocol carries it (protocol.md section 5.4).
inline constexpr std::size_t kMaxName = 31;

// `first` to `last`, both included.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  unsigned count() const { return 1U + last - first; }
  auto operator<=>(const PortRange&) const = default;
};

// Where a gateway waits for clients.
struct ListenAddress {
  base::IpAddress address;
  PortRange ports;
  auto operator<=>(const ListenAddress&) const = default;
};

// Where a client finds its gateway: a host name or an address, not yet resolved.
struct GatewayAddress {
  std::string host;
  PortRange ports;
  auto operator<=>(const GatewayAddress&) const = default;
};

// `ADDR:PORT[-PORT]`, IPv6 in brackets.
Parsed<ListenAddress> parse_listen(std::string_view text);
// `HOST:PORT[-PORT]`, IPv6 in brackets.
Parsed<GatewayAddress> parse_gateway_address(std::string_view text);
// A unicast address without a length (or with the full one).
Parsed<base::IpAddress> parse_host_address(std::string_view text);
// An address of this host within its network: `10.77.0.1/24`; without a length, alone in its network.
Parsed<base::Prefix> parse_interface_address(std::string_view text);
// A network without host bits, not the whole address space: `192.168.1.0/24`.
Parsed<base::Prefix> parse_network(std::string_view text);
// A network, or `default`, which stands for 0.0.0.0/0 and ::/0.
Parsed<std::vector<base::Prefix>> parse_route(std::string_view text);
// At most 15 bytes, as the kernel takes them.
Parsed<std::string> parse_interface_name(std::string_view text);
// Name of a peer or a link.
Parsed<std::string> parse_name(std::string_view text);

}  // namespace sennit::config
