// An access line for tests of link::Capacity, packet by packet: a queue in front of a wire, perhaps a
// policer, loss, delay both ways, and somebody else's packets. Its sender and receiver do what the peer does
// with reports: every 25 ms the receiver tells what came, and the sender makes a link::Delivery of two of
// them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/rng.hpp"
#include "link/capacity.hpp"
#include "link/one_way_delay.hpp"

namespace sennit::link {

struct Line {
  double rate = 0;  // bits/s
  base::Duration buffer = std::chrono::seconds(1);
  base::Duration delay = std::chrono::milliseconds(10);  // each way
  double loss = 0;                                       // share, at random
  double policed = 0;                                    // bits/s, zero for no policer
  double bucket = 20'000;                                // bytes, the policer's
  double cross = 0;                                      // bits/s of somebody else
  bool has_others = false;                               // what may not be sent on it does not wait for it
};

class LineModel {
 public:
  LineModel(const Line& line, std::uint64_t seed) : line_(line), rng_(seed) {}

  // The line is another one from now on.
  void change(const Line& line) { line_ = line; }
  // The application sends at this rate, or as fast as the capacity lets it, for so long.
  void run(double offered, base::Duration how_long);

  Capacity capacity;
  base::Instant now() const { return now_; }
  // Since the last call.
  struct Seen {
    double goodput = 0;         // bits/s that arrived
    double queue_ms = 0;        // mean of what packets waited in front of the wire
    double saturated = 0;       // share of the time
    unsigned foreign = 0;       // verdicts of foreign delay
    std::vector<Limit> limits;  // other than none, in order, repeats left out
  };
  Seen take();

 private:
  struct Datagram {
    std::uint64_t counter = 0;
    base::Instant sent_at;
    base::Instant arrival;
    bool was_limited = false;
  };
  struct Report {
    base::Instant at;  // when it comes to the sender
    Datagram highest;
    base::Duration least_delay{};
    std::uint64_t received = 0;
  };

  void send(bool was_limited);
  std::optional<base::Instant> through_line(double bytes);
  void receive();
  void heed(const Report& report);

  Line line_;
  base::Rng rng_;
  base::Instant now_{std::chrono::hours(1)};
  base::Instant wire_free_ = now_;
  double tokens_ = 0;
  double credit_ = 0;        // bytes that may be sent
  double cross_credit_ = 0;  // bytes that somebody else sends
  std::uint64_t next_counter_ = 0;
  std::deque<Datagram> under_way_;
  std::vector<std::uint64_t> limited_;  // by counter: how many before it were limited
  // receiver
  std::optional<Datagram> highest_;
  std::optional<base::Duration> least_delay_;
  std::uint64_t received_ = 0;
  base::Instant next_report_ = now_;
  std::deque<Report> reports_;
  // sender
  std::optional<Report> last_;
  OneWayDelay way_out_;
  // seen
  Seen seen_;
  base::Instant seen_since_ = now_;
  std::uint64_t seen_packets_ = 0;
  double seen_steps_ = 0;
};

}  // namespace sennit::link
