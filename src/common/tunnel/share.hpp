// Which of several endpoints of a gateway has which peer. Each endpoint is worked by a thread of its own and
// knows all peers by the same numbers, but has sessions with those of its share alone. What it is handed of
// another's peer is a stray, which the shell passes on. Invariant: a session's index says whose it is, so
// that the kernel can choose the socket. Reasons: docs/performance.md, "Workers".
#pragma once

#include <cstdint>
#include <variant>

#include "base/packet.hpp"
#include "base/units.hpp"

namespace sennit::tunnel {

struct Share {
  std::uint32_t index = 0;
  std::uint32_t count = 1;

  std::uint32_t owner_of(base::PeerId peer) const { return peer.value % count; }
  std::uint32_t owner_of(base::SessionIndex session) const { return session.value % count; }
  bool owns(base::PeerId peer) const { return owner_of(peer) == index; }
  bool owns(base::SessionIndex session) const { return owner_of(session) == index; }
};

// An inner packet for a peer of another endpoint, or a datagram from one; valid as long as the batch that it
// came in.
struct Stray {
  std::uint32_t owner = 0;
  std::variant<base::OutboundPacket, base::InboundDatagram> what;
};

}  // namespace sennit::tunnel
