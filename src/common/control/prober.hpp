// When to probe one path, and when to give it up (protocol.md section 6). A timer and a verdict; it neither
// sends nor parses. Stands beside the path: tunnel asks it at every wake-up, and tells it of probes, echoes
// and anything heard. Invariant: a path that answers is never given up; one that is silent is, within three
// busy intervals, of which a slow path's first is longer, or its RTT's timeout.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "link/path.hpp"

namespace sennit::control {

// Who keeps an idle path alive.
enum class ProbeDuty : std::uint8_t {
  kAlways,       // the client: also when idle
  kWhenSending,  // the gateway: only while it sends inner packets, or while the path is given up
};

// The sender's clock as probes carry it: microseconds modulo 2^32.
std::uint32_t probe_clock(base::Instant now);

class Prober {
 public:
  static constexpr base::Duration kBusyInterval = std::chrono::milliseconds(100);
  static constexpr base::Duration kSlowestBusyInterval = std::chrono::milliseconds(300);
  static constexpr base::Duration kConnectInterval = std::chrono::milliseconds(250);
  static constexpr base::Duration kIdleInterval = std::chrono::seconds(1);
  static constexpr base::Duration kBackupInterval = std::chrono::seconds(10);

  explicit Prober(ProbeDuty duty) : duty_(duty) {}

  // A new route or session: the next probe is due at once.
  void restart();
  // When the next probe is due; kNever when none is wanted.
  base::Instant next_probe(const link::Path& path) const;
  void note_probe_sent(base::Instant now);
  // An echo of the probe stamped `echo`. True when it answers one that was waited for.
  bool note_echo(std::uint32_t echo);
  // Anything authentic arrived on this path.
  void note_heard(base::Instant now) { last_heard_ = now; }
  base::Instant last_heard() const { return last_heard_; }
  unsigned unanswered() const { return unanswered_; }
  // Have probes gone unanswered for so long that the path must be left?
  bool has_given_up(const link::Path& path, base::Instant now) const;

 private:
  base::Duration interval(const link::Path& path) const;
  base::Duration busy_interval(const link::Path& path) const;
  base::Duration patience(const link::Path& path) const;

  ProbeDuty duty_;
  std::optional<base::Instant> last_sent_;
  std::optional<base::Instant> first_unanswered_;
  unsigned unanswered_ = 0;
  base::Instant last_heard_ = base::Instant::min();
};

}  // namespace sennit::control
