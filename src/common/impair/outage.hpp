// A line that comes and goes: periods on and off, of fixed length or exponential (mahimahi's mm-onoff).
// Tells the state at a time; what happens to packets meanwhile is the chain's matter. Begins on.
// Invariant: asked in order of time, it answers the same whatever the times in between; of random periods,
// while no more than a hundred rounds lie there.
#pragma once

#include <cstdint>

#include "base/rng.hpp"
#include "base/time.hpp"

namespace sennit::impair {

enum class OutagePeriods : std::uint8_t { kFixed, kExponential };

// What happens to packets that come to the line while it is off.
enum class OutageEffect : std::uint8_t { kDrop, kHold };

struct OutageSettings {
  base::Duration on = {};
  base::Duration off = {};  // zero: no outages
  OutagePeriods periods = OutagePeriods::kFixed;
  OutageEffect effect = OutageEffect::kDrop;
  bool operator==(const OutageSettings&) const = default;
};

class Outage {
 public:
  Outage() = default;
  Outage(const OutageSettings& settings, base::Instant now, base::Rng& rng);
  // The first time from `at` on at which the line is on.
  base::Instant next_on(base::Instant at, base::Rng& rng);
  const OutageSettings& settings() const { return settings_; }

 private:
  base::Duration draw(base::Duration mean, base::Rng& rng) const;
  void skip(base::Instant at, base::Rng& rng);

  OutageSettings settings_;
  base::Instant period_end_ = base::Instant::max();
  bool is_on_ = true;
};

}  // namespace sennit::impair
