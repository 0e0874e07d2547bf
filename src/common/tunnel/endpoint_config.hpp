// What an endpoint is told when it is made: keys, peers, links. Values only; the shell fills it from the
// configuration. The same type serves client and gateway, since both are the same code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/units.hpp"
#include "crypto/keys.hpp"
#include "inbound/coalesce.hpp"
#include "link/path.hpp"
#include "outbound/policy.hpp"
#include "outbound/schedule.hpp"
#include "tunnel/share.hpp"
#include "wire/mss.hpp"

namespace sennit::tunnel {

enum class Role : std::uint8_t {
  kClient,   // starts handshakes, numbers the paths; has one peer: the gateway
  kGateway,  // answers
};

struct PeerConfig {
  std::string name;
  crypto::PublicKey public_key;
  crypto::PresharedKey preshared_key;
  // Gateway: the peer's inner addresses, with the length of the tunnel's network, told to it in the
  // handshake.
  std::vector<base::Prefix> addresses;
  // Cryptokey routing: inner sources accepted from this peer and destinations sent to it. Gateway: the peer's
  // addresses and networks. Client: the tunnel's networks are added when the gateway has told them; here are
  // the routes.
  std::vector<base::Prefix> allowed;
};

// How packets of one kind are spread, and over which links.
struct PolicyConfig {
  wire::Match match;
  outbound::Mode mode = outbound::Mode::kAggregate;
  std::vector<std::string> links;  // by name; while one of them is up no other; empty: all
};

struct LinkConfig {
  base::LinkId id;
  std::string name;
  std::uint8_t sockets = 1;  // paths over this link
  base::BitRate up;          // zero: not told
  base::BitRate down;
  std::uint32_t cost = 0;
  link::PathUse use = link::PathUse::kAlways;
};

// What a link of MTU 1500 leaves over IPv4, until there is a path to ask.
inline constexpr wire::InnerMtu kUsualMtu{1440};

struct EndpointConfig {
  Role role = Role::kClient;
  crypto::PrivateKey private_key;
  outbound::Mode mode = outbound::Mode::kAggregate;
  std::optional<wire::InnerMtu> fixed_mtu;  // set by hand; none: from the paths
  // Gateway: its own inner addresses. Client: those it asks for (none: as assigned).
  std::vector<base::Prefix> addresses;
  std::vector<base::Prefix> networks;       // client: behind it
  std::vector<PeerConfig> peers;            // client: exactly one
  Share share = {};                         // gateway: of these peers
  std::vector<LinkConfig> links;            // client only
  std::vector<PolicyConfig> policies = {};  // first match first
  std::uint64_t seed = 0;                   // of decisions that need no secrecy
  std::uint64_t last_timestamp = 0;  // client: of its newest initiation in an earlier run, ns since the epoch
  std::string software;
  inbound::Coalescing coalescing = inbound::Coalescing::kOff;  // of what poll_tun() gives
};

// An address of the gateway as the client knows it: a range of ports; path i uses port first + i modulo the
// range.
struct GatewayAddress {
  base::IpAddress address;
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;
};

// The sockets of one path of a link: one a family, where the link has that family.
struct PathSockets {
  std::optional<base::SocketId> v4;
  std::optional<base::SocketId> v6;
};

// What the shell knows of a link that is there.
struct Attachment {
  std::vector<PathSockets> sockets;  // one entry a path, at most LinkConfig::sockets
  link::PathMtu mtu{1500};           // of the interface
};

}  // namespace sennit::tunnel
