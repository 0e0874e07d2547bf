// When a packet that is taken from the queue has left the line: at once, over a wire, through a token bucket
// (and the peak wire behind it), or by a trace. Holds no packets; Chain keeps the one that is on the line.
// Invariant: what has left by any time t follows from the settings, not from how often it is asked; a change
// of settings carries over tokens, debts and the part of a packet that is still to go.
// Reasons: docs/impairment.md, "Rate" and "Changes".
#pragma once

#include <memory>
#include <optional>

#include "base/time.hpp"
#include "base/units.hpp"
#include "impair/serialising_wire.hpp"
#include "impair/token_bucket.hpp"
#include "impair/trace_cursor.hpp"

namespace sennit::impair {

struct RateSettings {
  base::BitRate rate = {};                       // zero: no limit
  base::Bytes burst = {};                        // zero: a wire, not a bucket
  base::BitRate peak = {};                       // of a burst; zero: no limit
  std::shared_ptr<const Trace> trace = nullptr;  // in place of the others
  bool operator==(const RateSettings&) const = default;
};

// Long-run rate; zero when there is no limit.
base::BitRate nominal_rate(const RateSettings& settings);

class RateStage {
 public:
  RateStage() = default;
  // A bucket is full at `now`.
  RateStage(const RateSettings& settings, base::Instant now);
  // Puts a packet on the line at `at`, which is not before free_at(); returns when it has left.
  base::Instant send(base::Bytes size, base::Instant at);
  // When the line takes the next packet.
  base::Instant free_at() const { return free_at_; }
  // New settings. What is on the line goes on at the new rate: free_at() tells until when. A new bucket
  // starts empty.
  void change(const RateSettings& settings, base::Instant now);
  base::BitRate nominal() const { return nominal_rate(settings_); }

 private:
  void build(const RateSettings& settings, base::Instant now);
  // Bytes on the line that have not left by `now`.
  base::Bytes remaining(base::Instant now) const;

  RateSettings settings_;
  std::optional<TokenBucket> bucket_;
  std::optional<SerialisingWire> wire_;  // the rate's without a bucket, else the peak's
  std::optional<TraceCursor> trace_;
  base::Bytes sent_;  // the last packet's size
  base::Instant sent_at_ = base::Instant::min();
  base::Instant free_at_ = base::Instant::min();
};

}  // namespace sennit::impair
