// What a sender knows of each segment: sent when and how often, under way, delivered or lost; and the rate at
// which the path delivers. Fed by BulkSender, which owns timers and the congestion window.
// Invariant: in_flight() counts the segments whose last transmission is neither delivered nor given up; the
// log of transmissions is in order of time, so that looking for losses stops at the first that is young
// enough.
#pragma once

#include <deque>
#include <optional>
#include <set>

#include "base/time.hpp"
#include "sim/congestion_control.hpp"
#include "sim/segment.hpp"

namespace sennit::sim {

// When a transmission older than the newest delivered one is given up.
struct LossRule {
  base::Duration wait{};            // after it was sent
  std::uint64_t transmissions = 0;  // or so many later ones overtook it; zero: any number may
};

class Scoreboard {
 public:
  // What was delivered by one acknowledgement.
  struct Delivery {
    std::uint64_t segments = 0;
    std::optional<base::Duration> rtt;  // of the newest segment that was sent once
    std::optional<RateSample> rate;
    std::uint64_t spurious = 0;    // given up before, yet there
    std::uint64_t reordering = 0;  // how far below the highest delivered place an unrepeated segment came
  };

  // Sends a new segment, or one that is lost; returns the number of the transmission.
  std::uint64_t transmit(std::uint64_t place, base::Instant now, bool is_limited);
  // The lowest lost segment, else the next new one.
  std::uint64_t next() const { return lost_.empty() ? segments_end() : *lost_.begin(); }
  bool has_lost() const { return !lost_.empty(); }
  // Behind the newest transmission that was ever given up.
  std::uint64_t lost_end() const { return lost_end_; }

  void deliver_below(std::uint64_t place, base::Instant now);
  void deliver_places(NumberRange range, base::Instant now);
  void deliver_transmissions(NumberRange range, base::Instant now);
  // Ends one acknowledgement.
  Delivery finish(base::Instant now);
  // Gives up what the rule says; returns how many. `due` then tells when to look again.
  std::uint64_t detect_losses(const LossRule& rule, base::Instant now);
  base::Instant due() const { return due_; }
  // Gives up everything under way.
  std::uint64_t lose_all();
  // Whatever was given up and not repeated yet is under way after all; given up again only if it has not come
  // by then.
  void believe_in(base::Instant deadline);

  std::uint64_t in_flight() const { return in_flight_; }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t transmitted() const { return log_base_ + log_.size(); }
  // Everything below has been delivered.
  std::uint64_t lowest() const { return base_; }
  // When the lowest was first sent again; none: it was not.
  std::optional<base::Instant> lowest_repeated_at() const;
  std::uint64_t segments_end() const { return base_ + segments_.size(); }
  // Delivered above the lowest.
  std::uint64_t delivered_above() const { return delivered_above_; }
  base::Duration least_rtt() const { return least_rtt_; }
  // The transmission that was sent last of those delivered, and its round trip.
  std::uint64_t newest() const { return newest_.value_or(0); }
  base::Duration newest_rtt() const { return newest_rtt_; }

 private:
  enum class State : std::uint8_t { kInFlight, kLost, kDelivered };
  struct Entry {
    State state = State::kInFlight;
    std::uint32_t sent = 0;
    std::uint64_t transmission = 0;  // the last
    base::Instant repeated_at;       // first
  };
  struct Transmission {
    std::uint64_t place;
    base::Instant sent_at;
    std::uint64_t delivered;     // by the transfer then
    base::Instant delivered_at;  // the last delivery then
    base::Instant first_sent_at;
    bool is_limited;
  };

  struct Believed {
    std::uint64_t place;
    std::uint64_t transmission;
    base::Instant deadline;
  };

  Entry& entry(std::uint64_t place) { return segments_[place - base_]; }
  void deliver(std::uint64_t place, std::uint64_t transmission, base::Instant now);
  void take_sample(const Entry& entry, const Transmission& transmission, std::uint64_t number,
                   base::Instant now);
  bool is_under_way(std::uint64_t place, std::uint64_t transmission);
  void give_up(std::uint64_t place);
  std::uint64_t give_up_believed(base::Instant now);
  void forget();

  std::deque<Entry> segments_;
  std::uint64_t base_ = 0;
  std::deque<Transmission> log_;
  std::uint64_t log_base_ = 0;
  std::uint64_t scanned_ = 0;  // transmissions below are decided
  std::set<std::uint64_t> lost_;
  std::uint64_t lost_end_ = 0;
  std::deque<Believed> believed_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t delivered_above_ = 0;
  base::Instant delivered_at_;
  base::Instant first_sent_at_;
  base::Instant due_ = base::kNever;
  std::uint64_t highest_place_ = 0;
  std::optional<std::uint64_t> newest_;  // transmission delivered
  base::Duration newest_rtt_{};
  base::Duration least_rtt_ = base::Duration::max();

  Delivery delivery_;
  std::optional<Transmission> sampled_;
};

}  // namespace sennit::sim
