// What an endpoint tells its shell: rare things worth a log line, a route or a command to the kernel.
// Taken by poll_event(); never one a packet.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/units.hpp"
#include "crypto/aead.hpp"
#include "crypto/keys.hpp"
#include "device/table.hpp"
#include "link/path.hpp"
#include "wire/mss.hpp"

namespace sennit::tunnel {

// A session stands (the first, or after the peer had been down). Rekeys are silent.
struct PeerUp {
  base::PeerId peer;
  crypto::Cipher cipher = crypto::Cipher::kChaCha20Poly1305;
  std::vector<base::Prefix> addresses;          // client: assigned to it
  std::vector<base::Prefix> gateway_addresses;  // client: the gateway's
  std::vector<base::Prefix> networks;           // client: accepted; gateway: announced
  bool operator==(const PeerUp&) const = default;
};

enum class DownReason : std::uint8_t {
  kClosed,   // the other end said so
  kExpired,  // keys grew too old without a new handshake
};

struct PeerDown {
  base::PeerId peer;
  DownReason reason = DownReason::kExpired;
};

struct PathChanged {
  base::PeerId peer;
  base::PathId path;
  std::string link;
  link::PathState from = link::PathState::kConnecting;
  link::PathState to = link::PathState::kConnecting;
};

// A path has become saturated, on this way, or is no longer.
struct PathSaturated {
  base::PeerId peer;
  base::PathId path;
  std::string link;
  device::Way way = device::Way::kOut;
  bool is_saturated = false;
  link::Cause cause = link::Cause::kNone;
  base::BitRate capacity;
};

// The inner MTU that the TUN device shall have now.
struct MtuChanged {
  wire::InnerMtu mtu;
};

// Somebody with a key that is not configured completed an initiation; at most one a second.
struct UnknownPeerCalled {
  crypto::PublicKey key;
  base::SocketAddress from;
};

using Event = std::variant<PeerUp, PeerDown, PathChanged, PathSaturated, MtuChanged, UnknownPeerCalled>;

}  // namespace sennit::tunnel
