#include "config/setting.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace sennit::config {

namespace {

template <class Target, class Value>
std::optional<Invalid> assign(Target& target, const Parsed<Value>& parsed) {
  if (!parsed) return parsed.invalid();
  target = *parsed;
  return std::nullopt;
}

template <class Value>
std::optional<Invalid> append(std::vector<Value>& target, const Parsed<Value>& parsed) {
  if (!parsed) return parsed.invalid();
  target.push_back(*parsed);
  return std::nullopt;
}

template <class Value>
std::optional<Invalid> append(std::vector<Value>& target, const Parsed<std::vector<Value>>& parsed) {
  if (!parsed) return parsed.invalid();
  target.insert(target.end(), parsed->begin(), parsed->end());
  return std::nullopt;
}

Parsed<std::filesystem::path> parse_path(const std::string& text) {
  if (text.empty() || text.find('\0') != std::string::npos)
    return Invalid{"the path is empty", "the path of a file"};
  return std::filesystem::path(text);
}

Parsed<crypto::PublicKey> parse_public_key(const std::string& text) {
  const auto key = crypto::PublicKey::from_base64(text);
  if (!key)
    return Invalid{"'" + text + "' is not a public key",
                   "44 characters of base64, as `sennit pubkey` prints"};
  if (*key == crypto::PublicKey{})
    return Invalid{"the public key is all zero", "one that `sennit pubkey` prints"};
  return *key;
}

// What all that run are told alike. `Table` is "gateway", "client" or "shaper".
template <class Options>
std::vector<Setting<Options>> running_settings(std::string_view table) {
  using O = Options;
  using Text = const std::string&;
  return {
      {table, "control", "--control", "PATH", "control socket [/run/sennit/control.sock]", Shape::kPath,
       [](O& o, Text t) { return assign(o.endpoint.control, parse_path(t)); }},
      {table, "state", "--state", "DIR", "what is remembered between runs [/var/lib/sennit]", Shape::kPath,
       [](O& o, Text t) { return assign(o.endpoint.state, parse_path(t)); }},
      {table, "log_level", "--log-level", "LEVEL", "trace, debug, info, warning, error or off [info]",
       Shape::kText, [](O& o, Text t) { return assign(o.endpoint.log_level, parse_log_level(t)); }},
      {"", "device", "", "", "", Shape::kTables},
      {"", "filter", "", "", "", Shape::kTables},
  };
}

// What gateways and clients are told alike.
template <class Options>
std::vector<Setting<Options>> endpoint_settings(std::string_view table) {
  using O = Options;
  using Text = const std::string&;
  std::vector<Setting<O>> settings{
      {table, "private_key_file", "--key", "FILE", "private key of this endpoint (`sennit keygen -o FILE`)",
       Shape::kPath, [](O& o, Text t) { return assign(o.endpoint.private_key_file, parse_path(t)); }},
      {"tunnel", "name", "--tun", "NAME", "name of the TUN device [sennit0]", Shape::kText,
       [](O& o, Text t) { return assign(o.endpoint.tunnel.name, parse_interface_name(t)); }},
      {"tunnel", "mode", "--mode", "MODE", "aggregate, flow, redundant or failover [aggregate]", Shape::kText,
       [](O& o, Text t) { return assign(o.endpoint.tunnel.mode, parse_mode(t)); }},
      {"tunnel", "mtu", "--mtu", "auto|N", "MTU of the tunnel, 576 to 65535 [auto]", Shape::kNumber,
       [](O& o, Text t) { return assign(o.endpoint.tunnel.mtu, parse_mtu(t)); }},
      {"tunnel", "offload", "--offload", "WHICH", "segmentation offloads: auto, off, tun or udp [auto]",
       Shape::kText, [](O& o, Text t) { return assign(o.endpoint.tunnel.offload, parse_offload(t)); }},
      {"", "policy", "", "", "", Shape::kTables},
  };
  const auto running = running_settings<O>(table);
  settings.insert(settings.end(), running.begin(), running.end());
  return settings;
}

template <class Options>
Setting<Options> address_setting(std::string_view help) {
  return {"tunnel",
          "address",
          "--address",
          "CIDR",
          help,
          Shape::kList,
          [](Options& o, const std::string& t) {
            return append(o.endpoint.tunnel.addresses, parse_interface_address(t));
          },
          [](Options& o) { o.endpoint.tunnel.addresses.clear(); }};
}

std::vector<Setting<GatewayOptions>> make_gateway_settings() {
  using O = GatewayOptions;
  using Text = const std::string&;
  auto settings = endpoint_settings<O>("gateway");
  const std::vector<Setting<O>> own{
      {"gateway", "listen", "--listen", "ADDR:PORT[-PORT]",
       "repeatable; one UDP socket a port [0.0.0.0:6000 [::]:6000]", Shape::kList,
       [](O& o, Text t) { return append(o.listen, parse_listen(t)); }, [](O& o) { o.listen.clear(); }},
      address_setting<O>("repeatable; inner address of the gateway [10.77.0.1/24]"),
      {"", "peer", "--peer", "PEER", "repeatable; NAME=PUBKEY[,ADDRESS|PREFIX...]", Shape::kTables,
       [](O& o, Text t) { return append(o.peers, parse_peer(t)); }, [](O& o) { o.peers.clear(); }},
      {"gateway", "masquerade", "--masquerade", "IFACE", "forward and NAT the tunnel's traffic out of IFACE",
       Shape::kText, [](O& o, Text t) { return assign(o.masquerade, parse_interface_name(t)); }},
      {"gateway", "workers", "--workers", "N", "threads that the peers are spread over [1]", Shape::kNumber,
       [](O& o, Text t) { return assign(o.workers, parse_count(t, "a number of workers", 1, kMaxWorkers)); }},
      {"shaping", "backend", "--shaping", "BACKEND", "where impairment takes effect: tunnel or tc [tunnel]",
       Shape::kText, [](O& o, Text t) { return assign(o.shaping, parse_shaping(t)); }}};
  settings.insert(settings.begin() + 1, own.begin(), own.end());
  return settings;
}

std::vector<Setting<ClientOptions>> make_client_settings() {
  using O = ClientOptions;
  using Text = const std::string&;
  auto settings = endpoint_settings<O>("client");
  const std::vector<Setting<O>> own{
      {"client", "gateway", "--gateway", "HOST:PORT[-PORT]", "repeatable; where the gateway listens",
       Shape::kList, [](O& o, Text t) { return append(o.gateways, parse_gateway_address(t)); },
       [](O& o) { o.gateways.clear(); }},
      {"client", "gateway_public_key", "--gateway-key", "PUBKEY", "public key of the gateway", Shape::kText,
       [](O& o, Text t) { return assign(o.gateway_key, parse_public_key(t)); }},
      {"client", "preshared_key_file", "", "FILE", "key shared with the gateway beforehand", Shape::kPath,
       [](O& o, Text t) { return assign(o.preshared_key_file, parse_path(t)); }},
      {"", "link", "--link", "LINK", "repeatable; an access line, see below", Shape::kTables,
       [](O& o, Text t) { return append(o.links, parse_link(t)); }, [](O& o) { o.links.clear(); }},
      address_setting<O>("repeatable; inner address [as the gateway assigns]"),
      {"tunnel", "route", "--route", "CIDR|default", "repeatable; what goes through the tunnel", Shape::kList,
       [](O& o, Text t) { return append(o.routes, parse_route(t)); }, [](O& o) { o.routes.clear(); }},
      {"tunnel", "network", "--network", "CIDR", "repeatable; a LAN behind this client", Shape::kList,
       [](O& o, Text t) { return append(o.networks, parse_network(t)); }, [](O& o) { o.networks.clear(); }},
      {"tunnel", "fallback", "--fallback", "none|direct",
       "default routes while the gateway is silent: kept, or left [none]", Shape::kText,
       [](O& o, Text t) { return assign(o.fallback, parse_fallback(t)); }},
      {"tunnel", "fallback_after", "--fallback-after", "TIME", "how long it is silent before that [30s]",
       Shape::kText, [](O& o, Text t) { return assign(o.fallback_after, parse_silence(t)); }}};
  settings.insert(settings.begin() + 1, own.begin(), own.end());
  return settings;
}

std::vector<Setting<ShaperOptions>> make_shaper_settings() {
  using O = ShaperOptions;
  using Text = const std::string&;
  std::vector<Setting<O>> settings{
      {"shaper", "lan", "--lan", "IFACE", "interface where the devices are", Shape::kText,
       [](O& o, Text t) { return assign(o.lan, parse_interface_name(t)); }},
      {"shaper", "wan", "--wan", "IFACE", "interface to the rest of the world", Shape::kText,
       [](O& o, Text t) { return assign(o.wan, parse_interface_name(t)); }},
      {"shaper", "take_over", "--take-over", "", "replace qdiscs that somebody configured, until the end",
       Shape::kFlag, [](O& o, Text t) { return assign(o.take_over, parse_flag(t)); }}};
  const auto running = running_settings<O>("shaper");
  settings.insert(settings.end(), running.begin(), running.end());
  return settings;
}

std::vector<Setting<PeerOptions>> make_peer_settings() {
  using O = PeerOptions;
  using Text = const std::string&;
  return {
      {"", "name", "", "NAME", "", Shape::kText, [](O& o, Text t) { return assign(o.name, parse_name(t)); }},
      {"", "public_key", "", "PUBKEY", "", Shape::kText,
       [](O& o, Text t) { return assign(o.public_key, parse_public_key(t)); }},
      {"", "address", "", "ADDRESS", "", Shape::kList,
       [](O& o, Text t) { return append(o.addresses, parse_host_address(t)); },
       [](O& o) { o.addresses.clear(); }},
      {"", "networks", "", "CIDR", "", Shape::kList,
       [](O& o, Text t) { return append(o.networks, parse_network(t)); }, [](O& o) { o.networks.clear(); }},
      {"", "preshared_key_file", "", "FILE", "", Shape::kPath,
       [](O& o, Text t) { return assign(o.preshared_key_file, parse_path(t)); }},
  };
}

constexpr auto kMaxCost = std::numeric_limits<std::uint32_t>::max();

std::vector<Setting<LinkOptions>> make_link_settings() {
  using O = LinkOptions;
  using Text = const std::string&;
  return {
      {"", "interface", "", "IFACE", "", Shape::kText,
       [](O& o, Text t) { return assign(o.interface, parse_interface_name(t)); }},
      {"", "address", "", "ADDRESS", "", Shape::kText,
       [](O& o, Text t) { return assign(o.address, parse_host_address(t)); }},
      {"", "name", "", "NAME", "", Shape::kText, [](O& o, Text t) { return assign(o.name, parse_name(t)); }},
      {"", "sockets", "", "N", "", Shape::kNumber,
       [](O& o, Text t) { return assign(o.sockets, parse_count(t, "a number of sockets", 1, kMaxSockets)); }},
      {"", "up", "", "RATE", "", Shape::kText,
       [](O& o, Text t) { return assign(o.up, parse_rate_or_auto(t)); }},
      {"", "down", "", "RATE", "", Shape::kText,
       [](O& o, Text t) { return assign(o.down, parse_rate_or_auto(t)); }},
      {"", "cost", "", "N", "", Shape::kNumber,
       [](O& o, Text t) { return assign(o.cost, parse_count(t, "a cost", 0, kMaxCost)); }},
      {"", "backup", "", "", "", Shape::kFlag, [](O& o, Text t) { return assign(o.backup, parse_flag(t)); }},
      {"", "quota", "", "SIZE", "", Shape::kText,
       [](O& o, Text t) { return assign(o.quota, parse_size_or_none(t)); }},
      {"", "quota_day", "", "DAY", "", Shape::kNumber,
       [](O& o, Text t) { return assign(o.quota_day, parse_count(t, "a day of the month", 1, 31)); }},
      {"", "impair", "", "PROFILE|OPTIONS", "", Shape::kImpair,
       [](O& o, Text t) {
         o.impair_up = t;
         return assign(o.impair_down, Parsed<std::string>(t));
       }},
      {"", "impair_up", "", "PROFILE|OPTIONS", "", Shape::kImpair,
       [](O& o, Text t) { return assign(o.impair_up, Parsed<std::string>(t)); }},
      {"", "impair_down", "", "PROFILE|OPTIONS", "", Shape::kImpair,
       [](O& o, Text t) { return assign(o.impair_down, Parsed<std::string>(t)); }},
  };
}

Parsed<std::string> parse_device_name(const std::string& text) {
  if (text.empty()) return Invalid{"the name is empty", "the name of a device (`sennit device list`)"};
  return text;
}

Parsed<std::string> parse_profile_name(const std::string& text) {
  if (text.empty()) return Invalid{"the name is empty", "the name of a profile (`sennit profile list`)"};
  return text;
}

std::vector<Setting<DeviceOptions>> make_device_settings() {
  using O = DeviceOptions;
  using Text = const std::string&;
  return {
      {"", "name", "", "NAME", "", Shape::kText, [](O& o, Text t) { return assign(o.name, parse_name(t)); }},
      {"", "match", "", "ADDRESS", "", Shape::kText,
       [](O& o, Text t) { return assign(o.matches, parse_match(t)); }},
      {"", "profile", "", "PROFILE", "", Shape::kText,
       [](O& o, Text t) { return assign(o.profile, parse_profile_name(t)); }},
      {"", "down", "", "OPTIONS", "", Shape::kImpair,
       [](O& o, Text t) { return assign(o.down, Parsed<std::string>(t)); }},
      {"", "up", "", "OPTIONS", "", Shape::kImpair,
       [](O& o, Text t) { return assign(o.up, Parsed<std::string>(t)); }},
      {"", "backend", "", "BACKEND", "", Shape::kText,
       [](O& o, Text t) { return assign(o.backend, parse_shaping(t)); }},
  };
}

// The keys of `match` that packets are told apart by.
template <class Options>
std::vector<Setting<Options>> match_settings() {
  using O = Options;
  using Text = const std::string&;
  return {
      {"match", "dscp", "", "DSCP", "", Shape::kNumbers,
       [](O& o, Text t) { return append(o.match.dscps, parse_dscp(t)); },
       [](O& o) { o.match.dscps.clear(); }},
      {"match", "protocol", "", "PROTOCOL", "", Shape::kNumbers,
       [](O& o, Text t) { return append(o.match.protocols, parse_protocol(t)); },
       [](O& o) { o.match.protocols.clear(); }},
      {"match", "port", "", "PORT", "", Shape::kNumbers,
       [](O& o, Text t) { return append(o.match.ports, parse_port_range(t)); },
       [](O& o) { o.match.ports.clear(); }},
      {"match", "address", "", "ADDRESS", "", Shape::kList,
       [](O& o, Text t) { return append(o.match.addresses, parse_networks(t)); },
       [](O& o) { o.match.addresses.clear(); }},
  };
}

std::vector<Setting<PolicyOptions>> make_policy_settings() {
  using O = PolicyOptions;
  using Text = const std::string&;
  auto settings = match_settings<O>();
  const std::vector<Setting<O>> own{
      {"match", "device", "", "NAME", "", Shape::kList,
       [](O& o, Text t) { return append(o.devices, parse_name(t)); }, [](O& o) { o.devices.clear(); }},
      {"", "mode", "", "MODE", "", Shape::kText, [](O& o, Text t) { return assign(o.mode, parse_mode(t)); }},
      {"", "link", "", "NAME", "", Shape::kList, [](O& o, Text t) { return append(o.links, parse_name(t)); },
       [](O& o) { o.links.clear(); }},
  };
  settings.insert(settings.end(), own.begin(), own.end());
  return settings;
}

std::vector<Setting<FilterOptions>> make_filter_settings() {
  using O = FilterOptions;
  using Text = const std::string&;
  std::vector<Setting<O>> settings{
      {"", "device", "", "NAME", "", Shape::kText,
       [](O& o, Text t) { return assign(o.device, parse_device_name(t)); }},
      {"", "direction", "", "down|up", "", Shape::kText,
       [](O& o, Text t) { return assign(o.direction, parse_filter_direction(t)); }},
  };
  const auto match = match_settings<O>();
  settings.insert(settings.end(), match.begin(), match.end());
  const std::vector<Setting<O>> rest{
      {"", "action", "", "ACTION", "", Shape::kText,
       [](O& o, Text t) { return assign(o.action, parse_filter_action(t)); }},
      {"", "to", "", "DEVICE|FILE", "", Shape::kText,
       [](O& o, Text t) { return assign(o.to, parse_filter_target(t)); }},
  };
  settings.insert(settings.end(), rest.begin(), rest.end());
  return settings;
}

}  // namespace

std::span<const Setting<GatewayOptions>> gateway_settings() {
  static const auto settings = make_gateway_settings();
  return settings;
}

std::span<const Setting<ClientOptions>> client_settings() {
  static const auto settings = make_client_settings();
  return settings;
}

std::span<const Setting<ShaperOptions>> shaper_settings() {
  static const auto settings = make_shaper_settings();
  return settings;
}

std::span<const Setting<PeerOptions>> peer_settings() {
  static const auto settings = make_peer_settings();
  return settings;
}

std::span<const Setting<LinkOptions>> link_settings() {
  static const auto settings = make_link_settings();
  return settings;
}

std::span<const Setting<DeviceOptions>> device_settings() {
  static const auto settings = make_device_settings();
  return settings;
}

std::span<const Setting<PolicyOptions>> policy_settings() {
  static const auto settings = make_policy_settings();
  return settings;
}

std::span<const Setting<FilterOptions>> filter_settings() {
  static const auto settings = make_filter_settings();
  return settings;
}

}  // namespace sennit::config
