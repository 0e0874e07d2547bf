// One direction of an access line in virtual time: rate and queue, propagation, and everything that goes
// wrong on the way. A value in, arrivals out: it owns no event queue and no clock; AccessLine schedules what
// it returns. Order of what happens to a datagram: outage, MTU, loss, policer, queue, rate, corruption,
// duplication, delay, reordering. Invariant: decisions depend on the seed and the datagrams alone; order is
// kept unless reordering is asked for.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "link/path.hpp"
#include "sim/percentiles.hpp"

namespace sennit::sim {

// Losses that come in rows (Gilbert, Bell System Technical Journal, 1960): nothing is lost between them.
struct BurstLoss {
  double share = 0;        // of the datagrams, in the long run
  double mean_length = 1;  // datagrams in a row
};

// A token bucket that drops what it has no tokens for, and never queues.
struct Policer {
  base::BitRate rate{};  // zero: none
  base::Bytes burst{50'000};
};

// From this instant on the wire has this rate. Zero: it stands still, and what waits goes on waiting; the
// last step is not zero.
struct RateStep {
  base::Instant from;
  base::BitRate rate;
};

// What a link is like now; may be changed at any time.
struct LinkConditions {
  base::BitRate rate{};  // zero: without limit
  // Whoever would wait longer in front of the wire is dropped; so is who meets more bytes (zero: any number).
  base::Duration queue = std::chrono::milliseconds(300);
  base::Bytes queue_bytes{};
  base::Duration delay{};
  base::Duration jitter{};  // added to the delay, uniform below this
  double loss = 0;          // shares of the datagrams, each decided alone
  BurstLoss burst_loss{};
  Policer policer{};
  double corrupt = 0;  // one bit flipped
  double duplicate = 0;
  double reorder = 0;  // held back by reorder_delay
  base::Duration reorder_delay = std::chrono::milliseconds(20);
  link::PathMtu mtu{1500};  // larger IP packets vanish without a word
  bool is_out = false;      // nothing passes
};

struct LinkCounters {
  std::uint64_t offered = 0;
  std::uint64_t carried = 0;
  std::uint64_t carried_bytes = 0;  // IP packets
  std::uint64_t lost = 0;           // by loss or outage
  std::uint64_t queue_drops = 0;
  std::uint64_t policed = 0;
  std::uint64_t too_big = 0;
};

class VirtualLink {
 public:
  using Bytes = std::vector<std::uint8_t>;
  struct Arrival {
    base::Instant time;
    Bytes datagram;
  };

  VirtualLink(const LinkConditions& at_first, std::uint64_t seed) : conditions(at_first), rng_(seed) {}

  // Sends one datagram; returns the copies of it that will arrive: none, one or two.
  std::vector<Arrival> push(Bytes datagram, base::Family family, base::Instant now);
  const LinkCounters& counters() const { return counters_; }
  // The wire's rate follows these steps, in order of time, in place of conditions.rate from the first one on.
  // What waits is sent at the rate of the time it leaves at.
  void follow(const std::vector<RateStep>& steps) { steps_ = {steps.begin(), steps.end()}; }
  // How long a datagram that arrives now would wait for the wire.
  base::Duration wait(base::Instant now) const { return std::max(base::Duration::zero(), busy_until_ - now); }
  // Writes the wait that each datagram meets into this, in milliseconds, from now on.
  void record_waits(Percentiles& waits) { waits_ = &waits; }

  LinkConditions conditions;

 private:
  bool happens(double probability) { return probability > 0 && rng_.uniform() < probability; }
  bool is_dropped(std::uint64_t ip_size, base::Instant now);
  bool is_in_burst();
  bool is_policed(std::uint64_t ip_size, base::Instant now);
  bool is_queue_full(base::Instant now) const;
  bool is_unlimited(base::Instant when) const;
  base::BitRate rate_at(base::Instant when) const;
  // When the last bit has left; reserves the wire until then.
  base::Instant serialise(std::uint64_t ip_size, base::Instant now);
  base::Instant arrival_of(base::Instant departure);

  base::Rng rng_;
  std::deque<RateStep> steps_;
  base::Instant busy_until_;
  bool in_burst_ = false;
  double tokens_ = 0;  // bits
  std::optional<base::Instant> tokens_at_;
  Percentiles* waits_ = nullptr;
  base::Instant last_arrival_;
  LinkCounters counters_;
};

}  // namespace sennit::sim
