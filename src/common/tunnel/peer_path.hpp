// One path of a peer with its control: the path itself, its prober, its MTU search, and what is to be
// announced of it. The client has one for every socket it is configured to open; the gateway makes one when a
// datagram comes on a new path id.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/packet.hpp"
#include "control/path_mtu.hpp"
#include "control/prober.hpp"
#include "control/reporter.hpp"
#include "link/path.hpp"
#include "outbound/fair_queue.hpp"
#include "outbound/sent_log.hpp"
#include "wire/frames.hpp"

namespace sennit::tunnel {

// The newest probe heard on a path, to be echoed.
struct HeardProbe {
  std::uint32_t sent_at = 0;
  base::Instant at;
  std::uint16_t size = 0;  // UDP payload bytes
};

// A path message on its way: carried by probes until one of those that carried it is echoed.
class Announcement {
 public:
  bool is_pending() const { return is_pending_; }
  // There is something new to tell: what was carried so far no longer counts.
  void demand() {
    *this = {};
    is_pending_ = true;
  }
  // The probe stamped `stamp` on this path carries it.
  void note_carried(base::PathId carrier, std::uint32_t stamp) {
    carriers_[next_++ % carriers_.size()] = Carrier{carrier, stamp};
  }
  // The probe stamped `stamp` on this path was echoed.
  void note_echo(base::PathId carrier, std::uint32_t stamp) {
    if (std::ranges::find(carriers_, Carrier{carrier, stamp}) != carriers_.end()) *this = {};
  }

 private:
  struct Carrier {
    std::optional<base::PathId> path;
    std::uint32_t stamp = 0;  // probe clock
    bool operator==(const Carrier&) const = default;
  };

  bool is_pending_ = false;
  std::array<Carrier, 32> carriers_{};  // the newest ones: three seconds of a busy path
  std::size_t next_ = 0;
};

// Inner packets on a path of which the other end has not reported yet.
struct Awaited {
  base::Instant since = base::kNever;  // the oldest was sent
  std::uint64_t newest = 0;            // counter
  bool was_probed = false;             // a probe was sent to bring the report about

  bool is_any() const { return since != base::kNever; }
};

// A frame that was lost and is to be sent again.
struct Lost {
  outbound::Buffer frame;
  std::uint8_t sendings = 0;  // so far
};

struct PeerPath {
  PeerPath(base::PathId id, control::ProbeDuty duty) : path(id), prober(duty) {}

  link::Path path;
  control::Prober prober;
  control::PathMtuSearch mtu;
  control::Reporter reporter;  // of the way in
  outbound::SentLog sent;      // on the way out, in this session
  Awaited awaited;
  std::optional<wire::Report> last_report;
  std::deque<Lost> again;                          // first of all
  std::deque<outbound::Waiting> lane;              // committed, in order
  std::unique_ptr<outbound::FairQueue> own_queue;  // where modes give each path its own
  bool is_turn_of_lane = true;                     // of lane and own_queue
  base::Instant arrived;                           // what is handled now: when the kernel had it
  std::optional<HeardProbe> heard;
  std::optional<std::uint32_t> last_announced;  // gateway: stamp of the newest path message heeded
  Announcement announcement;
  link::PathState last_state = link::PathState::kDown;
  link::Limit last_limit = link::Limit::kNone;
  // Client: the routes it may take (addresses of the gateway), the present one's position, and the path's
  // link.
  std::vector<base::Route> candidates;
  std::size_t candidate = 0;
  base::BitRate rate_for_peer;  // client: what the gateway may send
};

}  // namespace sennit::tunnel
