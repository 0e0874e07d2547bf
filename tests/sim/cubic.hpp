// CUBIC (RFC 9438) as Linux does it: slow start with HyStart's two tests, proportional rate reduction
// (RFC 6937) within an episode of loss, undo of a reduction that was a mistake. Unpaced, like a host without
// the fq qdisc, unless asked to.
#pragma once

#include "sim/congestion_control.hpp"

namespace sennit::sim {

enum class Pacing : std::uint8_t { kNone, kPaced };

class Cubic : public CongestionControl {
 public:
  explicit Cubic(Pacing pacing) : pacing_(pacing) {}

  void on_ack(const AckNews& news) override;
  void on_loss(const AckNews& news) override;
  void on_mark(const AckNews& news) override { on_loss(news); }
  void on_recovered() override;
  void on_timeout(const AckNews& news) override;
  void undo() override;
  double window() const override { return is_recovering_ ? recovery_window_ : window_; }
  std::optional<double> pacing() const override;

 private:
  bool is_in_slow_start() const { return window_ < threshold_; }
  void reduce();
  void reduce_in_proportion(const AckNews& news);
  void look_for_the_end_of_slow_start(const AckNews& news);
  void begin_round(const AckNews& news);
  void begin_epoch(base::Instant now);
  void grow(const AckNews& news);
  // The window of the cubic function after this time in the epoch.
  double cubic_window(base::Duration in_epoch) const;

  Pacing pacing_;
  double window_ = 10;
  double threshold_ = 1e9;
  double highest_ = 0;  // the window before the last reduction, W_max
  double window_before_ = 0;
  double threshold_before_ = 0;
  base::Duration smoothed_rtt_{};

  // Epoch since the last reduction.
  std::optional<base::Instant> epoch_;
  double origin_ = 0;
  double seconds_to_origin_ = 0;
  double friendly_ = 0;  // what Reno would have

  // Proportional rate reduction.
  bool is_recovering_ = false;
  double recovery_window_ = 0;
  double recovery_flight_ = 1;
  std::uint64_t recovery_delivered_ = 0;
  std::uint64_t transmitted_before_ = 0;

  // HyStart's round.
  std::uint64_t round_end_ = 0;  // by segments delivered
  base::Instant round_start_;
  base::Instant last_ack_;
  base::Duration round_rtt_ = base::Duration::max();
  unsigned round_samples_ = 0;
};

}  // namespace sennit::sim
