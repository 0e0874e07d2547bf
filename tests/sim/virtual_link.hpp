// One direction of an access line in virtual time: rate and queue, propagation, and everything that goes
// wrong on the way. A value in, arrivals out: it owns no event queue and no clock; AccessLine schedules what
// it returns. Order of what happens to a datagram: outage, MTU, loss, queue, rate, corruption, duplication,
// delay, reordering. Invariant: decisions depend on the seed and the datagrams alone; order is kept unless
// reordering is asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/address.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "link/path.hpp"

namespace sennit::sim {

// What a link is like now; may be changed at any time.
struct LinkConditions {
  base::BitRate rate{};  // zero: without limit
  // Whoever would wait longer in front of the wire is dropped; so is who meets more bytes (zero: any number).
  base::Duration queue = std::chrono::milliseconds(300);
  base::Bytes queue_bytes{};
  base::Duration delay{};
  base::Duration jitter{};  // added to the delay, uniform below this
  double loss = 0;          // shares of the datagrams, each decided alone
  double corrupt = 0;       // one bit flipped
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

  LinkConditions conditions;

 private:
  bool happens(double probability) { return probability > 0 && rng_.uniform() < probability; }
  bool is_dropped(std::uint64_t ip_size, base::Instant now);
  // When the last bit has left; reserves the wire until then.
  base::Instant serialise(std::uint64_t ip_size, base::Instant now);
  base::Instant arrival_of(base::Instant departure);

  base::Rng rng_;
  base::Instant busy_until_;
  base::Instant last_arrival_;
  LinkCounters counters_;
};

}  // namespace sennit::sim
