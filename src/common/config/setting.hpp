// The tables of all settings: for each, its key in the TOML file, its option on the command line, its help,
// and how it is stored. The TOML loader, the command line and the help all walk these tables, so that none
// can forget a setting. Every value passes through as text, so that a setting is parsed the same wherever it
// is written.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/options.hpp"
#include "config/parsed.hpp"

namespace sennit::config {

// How a setting may be written in TOML.
enum class Shape : std::uint8_t {
  kText,     // "text"
  kNumber,   // 12 or "12"
  kFlag,     // true or false
  kPath,     // "text"; relative to the folder of the file
  kList,     // "text" or ["text", …]
  kNumbers,  // 12, "12" or a list of both
  kImpair,   // "text", or a table of options
  kTables,   // [[key]], or a whole specification on the command line
};

template <class Options>
struct Setting {
  std::string_view table;   // "" for the keys of an item, and for kTables; else the table, or that in an item
  std::string_view key;     // in TOML
  std::string_view option;  // "--mtu"; empty where the command line has none
  std::string_view value;   // placeholder in the help
  std::string_view help;
  Shape shape = Shape::kText;
  // Stores one value, or says why not. A list grows by it.
  std::optional<Invalid> (*store)(Options&, const std::string& text) = nullptr;
  // Empties a list before its first value; null for the others.
  void (*clear)(Options&) = nullptr;
};

std::span<const Setting<GatewayOptions>> gateway_settings();
std::span<const Setting<ClientOptions>> client_settings();
std::span<const Setting<ShaperOptions>> shaper_settings();
std::span<const Setting<PeerOptions>> peer_settings();
std::span<const Setting<LinkOptions>> link_settings();
std::span<const Setting<DeviceOptions>> device_settings();
std::span<const Setting<PolicyOptions>> policy_settings();
std::span<const Setting<FilterOptions>> filter_settings();

// `NAME=PUBKEY[,ADDRESS|PREFIX…]`.
Parsed<PeerOptions> parse_peer(std::string_view text);
// `IFACE|ADDRESS[,name=NAME][,sockets=N][,up=RATE][,down=RATE][,cost=N][,backup]
// [,quota=SIZE][,quota_day=N][,impair=…]`.
Parsed<LinkOptions> parse_link(std::string_view text);
inline constexpr std::string_view kLinkChanges =
    "up=RATE, down=RATE, cost=N, backup=yes|no, quota=SIZE|none, quota_day=N and impair=PROFILE|OPTIONS|none";
// Changes one of up, down, cost, backup, quota, quota_day and impair of a link that runs; other keys are
// refused.
std::optional<Invalid> change_link(LinkOptions& link, std::string_view key, const std::string& text);

}  // namespace sennit::config
