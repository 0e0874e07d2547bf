// One path: a UDP 4-tuple over a link, and all that is known of it. A noun: control writes it, outbound reads
// it. Exists at both ends; the client's knows its link by configuration, the gateway's by the client's
// announcement. Invariant: a path without a route is down.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/packet.hpp"
#include "base/time.hpp"
#include "base/traffic.hpp"
#include "base/units.hpp"
#include "link/capacity.hpp"
#include "link/loss.hpp"
#include "link/moving_minimum.hpp"
#include "link/one_way_delay.hpp"
#include "link/pacer.hpp"
#include "link/rtt.hpp"

namespace sennit::link {

enum class PathState : std::uint8_t {
  kConnecting,  // has a route, no echo yet
  kUp,          // carries inner packets
  kLossy,       // up, and losing more than kLossyShare
  kDown,        // no route, or probes unanswered
  kBackup,      // up, and carries inner packets only when no other path does
};

// "connecting", "up", …
std::string_view to_string(PathState state);

// When a path may carry inner packets.
enum class PathUse : std::uint8_t {
  kAlways,
  kBackup,  // only when no other is up
};

// What keeps a path from carrying more, or from carrying well. The numbers are those of protocol.md.
enum class Cause : std::uint8_t {
  kNone = 0,
  kQueue = 1,    // saturated: what is too much waits in front of the line
  kPolicer = 2,  // saturated: what is too much is dropped
  kTold = 3,     // saturated: the user's rate
  kLossy = 4,    // it loses whatever is sent
  kSilent = 5,   // what was sent is overdue
};
// "none", "queue", "policer", "told", "lossy", "silent".
std::string_view to_string(Cause cause);
Cause cause_of(Limit limit);

// The size of an IP packet that a path carries, headers included.
using PathMtu = base::Identifier<struct PathMtuTag, std::uint16_t>;

class Path {
 public:
  static constexpr double kLossyShare = 0.02;

  explicit Path(base::PathId path_id) : id(path_id) {}

  // Can it carry an inner packet now?
  bool is_usable() const { return route.has_value() && reachable_ && !withdrawn; }
  bool has_been_up() const { return has_been_up_; }
  PathState state() const;
  Cause cause(base::Instant now) const;
  // Was an inner packet sent on it at or after `since`?
  bool has_sent_inner_since(base::Instant since) const {
    return last_inner_sent && *last_inner_sent >= since;
  }
  void mark_reachable() { reachable_ = has_been_up_ = true; }
  void mark_unreachable() { reachable_ = false; }
  // A new route: everything measured belongs to the old one.
  void attach(const base::Route& new_route);
  void detach();
  // How much longer than its least the way in takes now (queueing at the other side's sender).
  base::Duration rx_queue_delay() const { return rx_queue_delay_; }
  // Likewise the way out.
  base::Duration tx_queue_delay() const { return way_out.queue(); }
  // A datagram stamped `sent_at` by the other end's clock arrived at `arrived_at` of ours, both µs modulo
  // 2^32.
  void note_one_way_delay(std::uint32_t sent_at, std::uint32_t arrived_at, base::Instant now);

  const base::PathId id;
  std::string link_name;
  std::optional<base::Route> route;
  PathUse use = PathUse::kAlways;
  bool withdrawn = false;  // switched off by command here, or announced as down by the other end
  // An open path that others overflow to is given no more than this before it reports; doubled by reports.
  static constexpr base::Bytes kFirstAllowance{16'384};
  bool is_overdrawn() const { return pacer.rate() == base::BitRate{} && unreported > allowance; }
  bool is_suspect = false;  // what was sent on it is overdue: others are preferred
  base::BitRate told_rate;  // on the way out; zero: not told
  std::uint32_t cost = 0;
  PathMtu link_mtu{1500};  // of the link itself
  PathMtu mtu{1500};       // found by probing; at most link_mtu
  RttEstimator rtt;
  OneWayDelay way_out;
  LossEstimator loss;
  Capacity capacity;       // of the way out
  Pacer pacer;             // likewise
  base::Bytes unreported;  // of inner packets sent and not reported yet
  base::Bytes allowance = kFirstAllowance;
  base::Bytes committed;  // given to this path and not yet sent, headers included
  base::TrafficCounter tx;
  base::TrafficCounter rx;
  std::optional<base::Instant> last_inner_sent;
  base::BitRate capacity_rx;  // as the other end has found it; zero: not known
  bool is_saturated_rx = false;
  Cause cause_rx = Cause::kNone;
  base::BitRate highest_tx;  // highest capacity in this run; zero: not known
  base::BitRate highest_rx;

 private:
  bool reachable_ = false;
  bool has_been_up_ = false;
  std::optional<std::uint32_t> clock_offset_;  // of the first stamp, µs modulo 2^32
  MovingMinimum least_one_way_delay_;
  base::Duration rx_queue_delay_{};
};

}  // namespace sennit::link
