#include "config/names.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "config/values.hpp"

namespace sennit::config {

namespace {

constexpr std::string_view kListenForm =
    "ADDR:PORT or ADDR:PORT-PORT with ports 1 to 65535, at most 256 of them, IPv6 in brackets";
constexpr std::string_view kGatewayForm =
    "HOST:PORT or HOST:PORT-PORT with ports 1 to 65535, at most 256 of them, IPv6 in brackets";
constexpr std::string_view kHostForm = "a unicast address without a length, as in 10.77.0.2 or fd00::2";
constexpr std::string_view kInterfaceForm =
    "a unicast address with a length, as in 10.77.0.1/24 or fd00::1/64";
constexpr std::string_view kNetworkForm = "a network, as in 192.168.1.0/24 or fd00:1::/64";

Invalid refuse(std::string_view text, std::string_view why, std::string_view allowed) {
  return {"'" + std::string(text) + "' " + std::string(why), std::string(allowed)};
}

std::optional<PortRange> parse_ports(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_count(text.substr(0, dash), "a port", 1, 65535);
  const auto last =
      dash == std::string_view::npos ? first : parse_count(text.substr(dash + 1), "a port", 1, 65535);
  if (!first || !last || *last < *first || *last - *first >= kMaxPorts) return std::nullopt;
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

struct HostAndPorts {
  std::string_view host;
  bool bracketed = false;
  PortRange ports;
};

std::optional<HostAndPorts> split_ports(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto ports = parse_ports(text.substr(colon + 1));
  if (!ports) return std::nullopt;
  const auto host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  return HostAndPorts{bracketed ? host.substr(1, host.size() - 2) : host, bracketed, *ports};
}

bool is_host_name(std::string_view text) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_'; };
  return !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.' &&
         std::ranges::all_of(text, fits) &&
         std::ranges::any_of(text, [](unsigned char c) { return std::isalpha(c) != 0; });
}

bool is_multicast(const base::IpAddress& address) {
  const auto first = address.bytes().front();
  return address.family() == base::Family::kV4 ? first >= 224 : first == 0xFF;
}

bool is_loopback(const base::IpAddress& address) {
  if (address.family() == base::Family::kV4) return address.bytes().front() == 127;
  const auto bytes = address.bytes();
  return bytes.back() == 1 && std::ranges::all_of(bytes.first(15), [](std::uint8_t b) { return b == 0; });
}

bool is_usable_unicast(const base::IpAddress& address) {
  return !address.is_unspecified() && !is_multicast(address) && !is_loopback(address);
}

// Every bit behind the prefix set: the IPv4 broadcast address.
bool is_broadcast(const base::Prefix& prefix) {
  if (prefix.family() != base::Family::kV4 || prefix.length() >= 31) return false;
  std::uint32_t value = 0;
  for (const auto byte : prefix.address().bytes()) value = value << 8U | byte;
  const std::uint32_t host_bits = ~std::uint32_t{0} >> prefix.length();
  return (value & host_bits) == host_bits;
}

// The network itself rather than an address in it; /31, /127 and host prefixes have no such address.
bool is_network_address(const base::Prefix& prefix) {
  return prefix.length() + 1 < prefix.address().width() && prefix == prefix.network();
}

}  // namespace

Parsed<ListenAddress> parse_listen(std::string_view text) {
  const auto split = split_ports(text);
  if (!split) return refuse(text, "is not an address with a port", kListenForm);
  const auto address = base::IpAddress::parse(split->host);
  if (!address || split->bracketed != (address->family() == base::Family::kV6) || is_multicast(*address)) {
    return refuse(text, "is not an address with a port", kListenForm);
  }
  return ListenAddress{*address, split->ports};
}

Parsed<GatewayAddress> parse_gateway_address(std::string_view text) {
  const auto split = split_ports(text);
  if (!split) return refuse(text, "is not a host with a port", kGatewayForm);
  const auto address = base::IpAddress::parse(split->host);
  const bool is_v6 = address && address->family() == base::Family::kV6;
  const bool usable =
      address ? !address->is_unspecified() && !is_multicast(*address) : is_host_name(split->host);
  if (!usable || split->bracketed != is_v6) return refuse(text, "is not a host with a port", kGatewayForm);
  return GatewayAddress{std::string(split->host), split->ports};
}

Parsed<base::IpAddress> parse_host_address(std::string_view text) {
  const auto prefix = base::Prefix::parse(text);
  if (!prefix) return refuse(text, "is not an address", kHostForm);
  if (!prefix->is_host()) return refuse(text, "is a network, not one address", kHostForm);
  if (!is_usable_unicast(prefix->address())) return refuse(text, "is not a unicast address", kHostForm);
  return prefix->address();
}

Parsed<base::Prefix> parse_interface_address(std::string_view text) {
  const auto prefix = base::Prefix::parse(text);
  if (!prefix) return refuse(text, "is not an address", kInterfaceForm);
  if (!is_usable_unicast(prefix->address())) return refuse(text, "is not a unicast address", kInterfaceForm);
  if (prefix->length() == 0) return refuse(text, "takes the whole address space", kInterfaceForm);
  if (is_network_address(*prefix)) return refuse(text, "is a network, not an address in it", kInterfaceForm);
  if (is_broadcast(*prefix)) return refuse(text, "is the broadcast address of its network", kInterfaceForm);
  return *prefix;
}

Parsed<base::Prefix> parse_network(std::string_view text) {
  const auto prefix = base::Prefix::parse(text);
  if (!prefix) return refuse(text, "is not a network", kNetworkForm);
  if (prefix->length() == 0) return refuse(text, "is the whole address space", kNetworkForm);
  if (is_multicast(prefix->address())) return refuse(text, "is multicast", kNetworkForm);
  if (*prefix != prefix->network()) {
    return refuse(text, "has bits set behind its length",
                  prefix->network().to_string() + ", or another network");
  }
  return *prefix;
}

Parsed<std::vector<base::Prefix>> parse_route(std::string_view text) {
  const base::Prefix default_v4(base::IpAddress::v4({}), 0);
  const base::Prefix default_v6(base::IpAddress::v6({}), 0);
  if (text == "default") return std::vector{default_v4, default_v6};
  const auto prefix = base::Prefix::parse(text);
  if (prefix && (*prefix == default_v4 || *prefix == default_v6)) return std::vector{*prefix};
  const auto network = parse_network(text);
  if (!network) return Invalid{network.invalid().wrong, "default, or " + network.invalid().allowed};
  return std::vector{*network};
}

Parsed<std::string> parse_interface_name(std::string_view text) {
  const auto fits = [](unsigned char c) { return std::isgraph(c) != 0 && c != '/' && c != ':' && c != '%'; };
  const bool good =
      !text.empty() && text.size() <= 15 && text != "." && text != ".." && std::ranges::all_of(text, fits);
  if (!good) {
    return refuse(text, "is not an interface name",
                  "1 to 15 visible ASCII characters without '/', ':' and '%'");
  }
  return std::string(text);
}

Parsed<std::string> parse_name(std::string_view text) {
  constexpr std::string_view kPunctuation = "-_.:";
  const auto fits = [&](unsigned char c) {
    return std::isalnum(c) != 0 || kPunctuation.find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (text.empty() || text.size() > kMaxName || !std::ranges::all_of(text, fits)) {
    return refuse(text, "is not a name", "1 to 31 letters, digits, '-', '_', '.' and ':'");
  }
  return std::string(text);
}

}  // namespace sennit::config
