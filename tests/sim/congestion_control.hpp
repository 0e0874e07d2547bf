// How much a transfer may have under way: one small interface, behind it Cubic and BbrLike. Everything is
// counted in segments. BulkSender decides what is lost and when an episode of loss begins and ends; a
// congestion control only draws the conclusions.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace sennit::sim {

// How fast segments were delivered around one acknowledgement (Cheng, draft-cheng-iccrg-delivery-rate).
struct RateSample {
  double segments_per_second = 0;
  std::uint64_t delivered_before = 0;  // of the transfer, when the sampled segment was sent
  bool is_limited = false;             // by the receive window: the path could have done more
};

// What one acknowledgement brought.
struct AckNews {
  base::Instant now;
  std::uint64_t newly_delivered = 0;
  std::uint64_t newly_lost = 0;
  std::uint64_t delivered = 0;    // of the transfer
  std::uint64_t transmitted = 0;  // of the transfer, repetitions included
  std::uint64_t in_flight = 0;    // after it
  std::optional<base::Duration> rtt;
  base::Duration least_rtt{};
  std::optional<RateSample> rate;
  bool is_window_limited = false;  // the window, not the application, held the sender back
};

class CongestionControl {
 public:
  CongestionControl() = default;
  virtual ~CongestionControl() = default;
  CongestionControl(const CongestionControl&) = delete;
  CongestionControl& operator=(const CongestionControl&) = delete;

  virtual void on_ack(const AckNews& news) = 0;
  // An episode begins, of loss or after a mark (RFC 3168); it ends when what was under way has been
  // acknowledged.
  virtual void on_loss(const AckNews& news) = 0;
  virtual void on_mark(const AckNews& news) = 0;
  virtual void on_recovered() = 0;
  // Nothing came back: everything under way is given up.
  virtual void on_timeout(const AckNews& news) = 0;
  // The last reduction rested on a mistake: nothing had been lost.
  virtual void undo() = 0;
  // How many segments may be under way.
  virtual double window() const = 0;
  // Segments a second; none: sent as the window opens.
  virtual std::optional<double> pacing() const = 0;
};

}  // namespace sennit::sim
