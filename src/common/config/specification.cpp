// Peers and links written in one line: the values of --peer and --link, and of `sennit link set`.
#include <algorithm>
#include <array>

#include "config/setting.hpp"

namespace sennit::config {

namespace {

constexpr std::string_view kPeerForm = "NAME=PUBKEY[,ADDRESS|PREFIX...]";
constexpr std::string_view kLinkForm =
    "IFACE[,name=NAME][,sockets=N][,up=RATE][,down=RATE][,cost=N][,backup][,quota=SIZE][,quota_day=N]"
    "[,impair=PROFILE], or a source address instead of IFACE";

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t start = 0;;) {
    const auto comma = text.find(',', start);
    parts.emplace_back(text.substr(start, comma - start));
    if (comma == std::string_view::npos) return parts;
    start = comma + 1;
  }
}

// Names the part of a specification that is wrong.
Invalid within(std::string_view key, const Invalid& invalid) {
  return {std::string(key) + ": " + invalid.wrong, invalid.allowed};
}

template <class Options>
std::optional<Invalid> store(std::span<const Setting<Options>> settings, Options& options,
                             std::string_view key, const std::string& text) {
  const auto setting = std::ranges::find(settings, key, &Setting<Options>::key);
  auto invalid = setting->store(options, text);
  if (invalid) return within(key, *invalid);
  return std::nullopt;
}

// A bare address (or one with its full length) is the peer's own; anything shorter is a network behind it.
std::string_view key_of_destination(std::string_view text) {
  const auto prefix = base::Prefix::parse(text);
  return !prefix || prefix->is_host() ? "address" : "networks";
}

std::optional<Invalid> store_link_part(LinkOptions& link, std::string_view part) {
  if (part == "backup") {
    link.backup = true;
    return std::nullopt;
  }
  constexpr std::array kKeys{"name",  "sockets",   "up",     "down",      "cost",
                             "quota", "quota_day", "impair", "impair_up", "impair_down"};
  const auto equals = part.find('=');
  const auto key = part.substr(0, equals);
  if (equals == std::string_view::npos || std::ranges::find(kKeys, key) == kKeys.end()) {
    return Invalid{"'" + std::string(part) + "' is not a part of a link", std::string(kLinkForm)};
  }
  return store(link_settings(), link, key, std::string(part.substr(equals + 1)));
}

}  // namespace

Parsed<PeerOptions> parse_peer(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) {
    return Invalid{"'" + std::string(text) + "' is not a peer", std::string(kPeerForm)};
  }
  PeerOptions peer;
  peer.origins.set_whole({.file = {}, .line = 0, .key = "--peer " + std::string(text.substr(0, equals))});
  const auto parts = split_at_commas(text.substr(equals + 1));
  if (auto invalid = store(peer_settings(), peer, "name", std::string(text.substr(0, equals))))
    return *invalid;
  if (auto invalid = store(peer_settings(), peer, "public_key", parts.front())) return *invalid;
  for (const auto& part : std::span(parts).subspan(1)) {
    if (auto invalid = store(peer_settings(), peer, key_of_destination(part), part)) return *invalid;
  }
  return peer;
}

Parsed<LinkOptions> parse_link(std::string_view text) {
  LinkOptions link;
  const auto parts = split_at_commas(text);
  const auto where = base::IpAddress::parse(parts.front()) ? "address" : "interface";
  if (auto invalid = store(link_settings(), link, where, parts.front())) return *invalid;
  for (const auto& part : std::span(parts).subspan(1)) {
    if (auto invalid = store_link_part(link, part)) return *invalid;
  }
  link.origins.set_whole({.file = {}, .line = 0, .key = "--link " + parts.front()});
  return link;
}

std::optional<Invalid> change_link(LinkOptions& link, std::string_view key, const std::string& text) {
  constexpr std::array kKeys{"up",        "down",   "cost",      "backup",     "quota",
                             "quota_day", "impair", "impair_up", "impair_down"};
  if (std::ranges::find(kKeys, key) == kKeys.end()) {
    return Invalid{"'" + std::string(key) + "' is not a key of a link that can be changed",
                   std::string(kLinkChanges)};
  }
  return store(link_settings(), link, key, text);
}

}  // namespace sennit::config
