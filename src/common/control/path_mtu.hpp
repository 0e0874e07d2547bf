// Search for the largest IP packet that a path carries: packetization layer path MTU discovery for datagrams
// (RFC 8899). Decides which size to probe next; tunnel sends padded probes and reports echoes. Believes no
// ICMP. Optimistic at the start: the link's own MTU is used while its first probes are under way, since it is
// nearly always right. Invariant: current() is the ceiling, or a size that was echoed, or a size every link
// must carry.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.hpp"
#include "link/path.hpp"

namespace sennit::control {

class PathMtuSearch {
 public:
  // RFC 8899 calls these MIN_PLPMTU and BASE_PLPMTU; as IP packets.
  static constexpr link::PathMtu kFloor{576};
  static constexpr link::PathMtu kBase{1280};
  static constexpr unsigned kMaxProbes = 5;
  static constexpr base::Duration kConfirmInterval = std::chrono::seconds(5);
  static constexpr base::Duration kRaiseInterval = std::chrono::seconds(60);

  // A new route, or a link MTU that changed: start over from `ceiling`.
  void restart(link::PathMtu ceiling);
  link::PathMtu ceiling() const { return ceiling_; }
  link::PathMtu current() const { return current_; }
  // When the next probe is due; `is_busy`: inner packets are being sent (a quiet path is not confirmed
  // again).
  base::Instant next_probe(bool is_busy) const;
  // The size to probe now.
  link::PathMtu probe_size() const { return trying_; }
  // A probe of probe_size() goes out; its echo is waited for during `timeout`.
  void note_sent(base::Duration timeout, base::Instant now);
  // Before asking next_probe(): draws the conclusion when the last try's echo did not come in time.
  void expire(base::Instant now);
  // The path itself went down: missing echoes say nothing about sizes.
  void note_interruption();
  // A probe of this size was echoed.
  void note_echo(link::PathMtu size, base::Instant now);
  // The kernel refused a datagram of this size.
  void note_too_big(link::PathMtu size, base::Instant now);

 private:
  enum class Phase : std::uint8_t {
    kVerifying,  // is the ceiling right?
    kSearching,  // between low_ and high_
    kSettled,    // found; confirmed now and then
  };

  void fail(base::Instant now);
  void settle(base::Instant now);
  void search(base::Instant now);

  Phase phase_ = Phase::kVerifying;
  link::PathMtu ceiling_{1500};
  link::PathMtu current_{1500};
  link::PathMtu low_ = kFloor;  // carries
  link::PathMtu high_{1500};    // may carry
  link::PathMtu trying_{1500};
  unsigned tries_ = 0;
  bool is_waiting_ = false;
  base::Instant deadline_ = base::Instant::min();  // of the echo, or of the pause between tries
  base::Instant raise_at_ = base::kNever;
};

}  // namespace sennit::control
