// One direction of an emulated access line: policer, queue, wire, loss, delay, in this order. Frames in,
// frames out at their times; owns no socket and reads no clock. The wire serves its queue packet by packet,
// so that a change of rate takes effect in the middle of a queue. Invariant: order is kept, and decisions
// depend on the seed and the frames alone.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "link_emulator/conditions.hpp"
#include "link_emulator/statistics.hpp"

namespace link_emulator {

using Frame = std::vector<std::uint8_t>;  // as it is on Ethernet

class Direction {
 public:
  explicit Direction(std::uint64_t seed) : rng_(seed) {}

  // Takes a frame at the near end.
  void push(Frame frame, base::Instant now);
  // Appends what arrives at the far end until `now`.
  void pop_due(base::Instant now, std::vector<Frame>& out);
  // When the next frame arrives, as far as is known.
  base::Instant next_wakeup() const;
  // Other conditions from now on.
  void set(const Conditions& conditions, base::Instant now);
  const Conditions& conditions() const { return conditions_; }
  // What happened since the last call.
  Statistics take_statistics() { return std::exchange(statistics_, {}); }

 private:
  struct Waiting {
    Frame frame;
    base::Instant since;
  };
  struct Flying {
    Frame frame;
    base::Instant arrival;
  };

  bool is_policed(std::uint64_t size, base::Instant now);
  bool is_queue_full(base::Instant now) const;
  bool draw_loss();
  base::Duration time_on_wire(double bytes) const;
  // Lets the wire work until `now`.
  void serve(base::Instant now);
  void start_next(base::Instant now);
  void launch(Frame frame, base::Instant departure);

  Conditions conditions_;
  base::Rng rng_;
  Statistics statistics_;
  std::deque<Waiting> queue_;  // the first one is on the wire
  std::uint64_t queued_bytes_ = 0;
  base::Instant head_done_;  // when the wire has sent the first one
  std::deque<Flying> flying_;
  base::Instant last_arrival_;
  bool is_bad_ = false;  // Gilbert's and Elliott's state
  double tokens_ = 0;    // bytes that the policer lets through
  base::Instant tokens_at_;
};

}  // namespace link_emulator
