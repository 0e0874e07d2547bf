// A token bucket: `burst` bytes at once, `rate` in the long run (RFC 2475; kept as a time, as in GCRA).
// Decides when a packet conforms; holds no packets. Stands in the rate stage, in front of the peak wire.
// Invariant: in any time t no more than burst + rate t conforms. A packet larger than the burst conforms when
// the bucket is full, and what it lacks is owed. Reasons: docs/impairment.md, "Rate".
#pragma once

#include "base/time.hpp"
#include "base/units.hpp"
#include "impair/serialising_wire.hpp"

namespace sennit::impair {

class TokenBucket {
 public:
  // Full at `now`.
  TokenBucket(base::BitRate rate, base::Bytes burst, base::Instant now)
      : refill_(rate), burst_(burst), full_at_(now) {}
  // The time from `at` on at which `size` conforms; its tokens are taken.
  base::Instant take(base::Bytes size, base::Instant at);
  // Tokens at `now`, in bytes; negative when some are owed.
  double level(base::Instant now) const;
  // Sets the tokens; no more than the burst.
  void set_level(double bytes, base::Instant now);
  // When nothing is owed any more.
  base::Instant settled_at() const;

 private:
  // Rounded down.
  base::Duration time_of(double bytes) const;

  SerialisingWire refill_;  // how long the tokens of a packet take to come back
  base::Bytes burst_;
  base::Instant full_at_;
};

}  // namespace sennit::impair
