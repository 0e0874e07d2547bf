#include "config/validate.hpp"

#include <algorithm>
#include <map>

#include "config/link_impairment.hpp"
#include "config/validate_devices.hpp"
#include "config/validate_filters.hpp"
#include "config/validate_peers.hpp"
#include "config/validate_policies.hpp"

namespace sennit::config {

namespace {

// sun_path holds 108 bytes with the terminating zero.
constexpr std::size_t kLongestSocketPath = 107;

void require(Problems& problems, bool given, const Origins& origins, std::string_view key,
             const std::string& remedy) {
  if (given || origins.was_refused(key)) return;
  auto origin = origins.of(key);
  if (origin.key.empty()) origin.key = key;
  problems.add(std::move(origin), "is missing; " + remedy);
}

void check_mtu(const EndpointOptions& endpoint, Problems& problems) {
  const auto& tunnel = endpoint.tunnel;
  if (!tunnel.mtu || *tunnel.mtu >= kMinMtuV6) return;
  const auto v6 = std::ranges::find(tunnel.addresses, base::Family::kV6, &base::Prefix::family);
  if (v6 == tunnel.addresses.end()) return;
  problems.add(endpoint.origins.of("mtu"), "'" + std::to_string(tunnel.mtu->value) +
                                               "' is too small for the IPv6 address " + v6->to_string() +
                                               "; allowed: auto, or 1280 to 65535 with IPv6");
}

void check_addresses(const EndpointOptions& endpoint, Problems& problems) {
  const auto& addresses = endpoint.tunnel.addresses;
  for (auto it = addresses.begin(); it != addresses.end(); ++it) {
    const bool repeated =
        std::any_of(addresses.begin(), it, [&](const auto& a) { return a.address() == it->address(); });
    if (repeated)
      problems.add(endpoint.origins.of("address"), it->address().to_string() + " is given twice; remove one");
  }
}

// What all that run have.
void check_running(const EndpointOptions& endpoint, Problems& problems) {
  validate_devices(endpoint, problems);
  if (endpoint.control.string().size() > kLongestSocketPath) {
    problems.add(endpoint.origins.of("control"),
                 "the path is too long for a socket; allowed: at most 107 bytes");
  }
}

void check_endpoint(const EndpointOptions& endpoint, Problems& problems) {
  check_mtu(endpoint, problems);
  check_addresses(endpoint, problems);
  check_running(endpoint, problems);
}

bool overlap(const ListenAddress& a, const ListenAddress& b) {
  return a.address == b.address && a.ports.first <= b.ports.last && b.ports.first <= a.ports.last;
}

void check_listen(const GatewayOptions& options, Problems& problems) {
  const auto origin = options.endpoint.origins.of("listen");
  if (options.listen.empty() && !options.endpoint.origins.was_refused("listen")) {
    problems.add(origin, "is empty; allowed: at least one ADDR:PORT");
  }
  for (auto it = options.listen.begin(); it != options.listen.end(); ++it) {
    const bool taken =
        std::any_of(options.listen.begin(), it, [&](const auto& other) { return overlap(other, *it); });
    if (taken) {
      problems.add(origin, it->address.to_string() + " is given twice with the port " +
                               std::to_string(it->ports.first) +
                               (it->ports.count() > 1 ? " or one of its range" : "") + "; remove one");
    }
  }
}

// A default route behind a client would take the gateway's own datagrams into the tunnel.
void check_networks_of_client(const ClientOptions& options, Problems& problems) {
  for (const auto& network : options.networks) {
    const auto inside = std::ranges::find_if(
        options.endpoint.tunnel.addresses, [&](const auto& own) { return network.contains(own.address()); });
    if (inside == options.endpoint.tunnel.addresses.end()) continue;
    problems.add(options.endpoint.origins.of("network"), network.to_string() + " holds the tunnel address " +
                                                             inside->to_string() +
                                                             " of this client; name the LAN only");
  }
}

// An initiation has so much room for addresses and networks, beside what is always in it (protocol.md section
// 2.3), and each takes its field's header, its length and its address.
void check_room_in_handshake(const ClientOptions& options, Problems& problems) {
  constexpr std::size_t kRoom = 1017;
  const auto taken_by = [](const std::vector<base::Prefix>& prefixes) {
    std::size_t taken = 0;
    for (const auto& prefix : prefixes) taken += 3 + prefix.address().bytes().size();
    return taken;
  };
  if (taken_by(options.networks) + taken_by(options.endpoint.tunnel.addresses) <= kRoom) return;
  problems.add(options.endpoint.origins.of("network"),
               std::to_string(options.networks.size()) +
                   " networks are more than a handshake holds; allowed: about 145 of IPv4 or 53 of IPv6, the "
                   "tunnel's addresses included; join neighbours to larger ones");
}

void check_link(const LinkOptions& link, const std::string& tun, Problems& problems) {
  const bool has_address = link.address.family() != base::Family::kNone;
  const bool refused = link.origins.was_refused("interface") || link.origins.was_refused("address");
  if (link.interface.empty() && !has_address) {
    if (!refused) problems.add(link.origins.whole(), "names no line; give interface or address");
  } else if (!link.interface.empty() && has_address) {
    problems.add(link.origins.of("address"), "stands beside interface; give one of them");
  } else if (link.interface == tun) {
    problems.add(link.origins.of("interface"),
                 "'" + tun + "' is the tunnel itself; name the interface of an access line");
  }
  if (link.display_name().size() > kMaxName) {
    problems.add(link.origins.of("name"),
                 "is missing, and the address is longer than a name can be; give name");
  }
}

void check_link_names(const ClientOptions& options, Problems& problems) {
  std::map<std::string, const LinkOptions*> seen;
  for (const auto& link : options.links) {
    const auto [first, is_new] = seen.emplace(link.display_name(), &link);
    if (is_new || link.display_name() == base::IpAddress{}.to_string()) continue;
    problems.add(link.origins.of("name"),
                 "'" + link.display_name() + "' names two links; give each its own name");
  }
}

void check_link_impairment(const ClientOptions& options, Problems& problems) {
  const auto profiles = all_profiles(options.endpoint.profiles);
  for (const auto& link : options.links) check_impairment(link, profiles, problems);
}

void check_sockets(const ClientOptions& options, Problems& problems) {
  std::uint64_t total = 0;
  for (const auto& link : options.links) {
    total += link.sockets;
    if (total <= kMaxSockets) continue;
    problems.add(link.origins.of("sockets"), "with this link there are " + std::to_string(total) +
                                                 " sockets; allowed: at most 32 over all links");
    return;
  }
}

void check_links(const ClientOptions& options, Problems& problems) {
  require(problems, !options.links.empty(), options.endpoint.origins, "link",
          "add a [[link]] table to the file or give --link IFACE");
  for (const auto& link : options.links) check_link(link, options.endpoint.tunnel.name, problems);
  check_link_names(options, problems);
  check_sockets(options, problems);
  check_link_impairment(options, problems);
}

std::vector<std::string> names_of_links(const ClientOptions& options) {
  std::vector<std::string> names;
  for (const auto& link : options.links) names.push_back(link.display_name());
  return names;
}

KnownBackends backends_of(const GatewayOptions& options) {
  if (options.shaping == Shaping::kTc) return {"here", {Shaping::kTc, Shaping::kTunnel}};
  return {"on a gateway without [shaping] backend = \"tc\"", {Shaping::kTunnel}};
}

constexpr const char* kKeyRemedy = "give it in the file or as --key FILE (`sennit keygen -o FILE` makes one)";

}  // namespace

Problems validate(const GatewayOptions& options) {
  Problems problems;
  const auto& endpoint = options.endpoint;
  require(problems, !endpoint.private_key_file.empty(), endpoint.origins, "private_key_file", kKeyRemedy);
  require(problems, !endpoint.tunnel.addresses.empty(), endpoint.origins, "address",
          "give at least one in [tunnel] or as --address CIDR");
  check_endpoint(endpoint, problems);
  refuse_mac_addresses(endpoint, problems);
  validate_backends(endpoint, backends_of(options), problems);
  validate_workers(options, problems);
  validate_policies(endpoint, std::nullopt, problems);
  validate_filters(endpoint, options.shaping, problems);
  check_listen(options, problems);
  if (options.masquerade == endpoint.tunnel.name) {
    problems.add(endpoint.origins.of("masquerade"),
                 "'" + options.masquerade + "' is the tunnel itself; name the interface to the internet");
  }
  if (options.shaping == Shaping::kTc && options.masquerade.empty())
    problems.add(endpoint.origins.of("backend"),
                 "tc shapes between the tunnel and another interface; name it with --masquerade IFACE");
  validate_peers(options, problems);
  return problems;
}

Problems validate(const ShaperOptions& options) {
  Problems problems;
  const auto& endpoint = options.endpoint;
  require(problems, !options.lan.empty(), endpoint.origins, "lan", "give it in the file or as --lan IFACE");
  require(problems, !options.wan.empty(), endpoint.origins, "wan", "give it in the file or as --wan IFACE");
  if (!options.lan.empty() && options.lan == options.wan)
    problems.add(endpoint.origins.of("wan"), "'" + options.wan +
                                                 "' is the LAN's interface too; devices are shaped between "
                                                 "two interfaces");
  check_running(endpoint, problems);
  validate_backends(endpoint, {"on a shaper", {Shaping::kTc}}, problems);
  validate_filters(endpoint, Shaping::kTc, problems);
  return problems;
}

Problems validate(const ClientOptions& options) {
  Problems problems;
  const auto& endpoint = options.endpoint;
  require(problems, !endpoint.private_key_file.empty(), endpoint.origins, "private_key_file", kKeyRemedy);
  require(problems, !options.gateways.empty(), endpoint.origins, "gateway",
          "give it in the file or as --gateway HOST:PORT");
  require(problems, options.gateway_key.has_value(), endpoint.origins, "gateway_public_key",
          "give it in the file or as --gateway-key PUBKEY");
  check_endpoint(endpoint, problems);
  validate_backends(endpoint, {"on a client", {Shaping::kTunnel}}, problems);
  validate_policies(endpoint, names_of_links(options), problems);
  validate_filters(endpoint, Shaping::kTunnel, problems);
  check_links(options, problems);
  check_networks_of_client(options, problems);
  check_room_in_handshake(options, problems);
  return problems;
}

}  // namespace sennit::config
