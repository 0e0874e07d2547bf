// One path of a peer with its control: the path itself, its prober, its MTU search, and what is to be
// announced of it. The client has one for every socket it is configured to open; the gateway makes one when a
// datagram comes on a new path id.
#pragma once

#include <optional>
#include <vector>

#include "base/packet.hpp"
#include "control/path_mtu.hpp"
#include "control/prober.hpp"
#include "link/path.hpp"
#include "wire/frames.hpp"

namespace sennit::tunnel {

// The newest probe heard on a path, to be echoed.
struct HeardProbe {
  std::uint32_t sent_at = 0;
  base::Instant at;
  std::uint16_t size = 0;  // UDP payload bytes
};

// A path message on its way: carried by every probe of one path until one of those is echoed.
struct Announcement {
  bool is_pending = false;
  std::optional<base::PathId> carrier;
  std::uint32_t first_carried = 0;  // probe clock

  void demand() { *this = {true, std::nullopt, 0}; }
};

struct PeerPath {
  PeerPath(base::PathId id, control::ProbeDuty duty) : path(id), prober(duty) {}

  link::Path path;
  control::Prober prober;
  control::PathMtuSearch mtu;
  std::optional<HeardProbe> heard;
  Announcement announcement;
  link::PathState last_state = link::PathState::kDown;
  // Client: the routes it may take (addresses of the gateway), the present one's position, and the path's
  // link.
  std::vector<base::Route> candidates;
  std::size_t candidate = 0;
  base::BitRate rate_for_peer;  // client: what the gateway may send
  bool is_disabled = false;     // client: by command
};

}  // namespace sennit::tunnel
