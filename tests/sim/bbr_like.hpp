// BBR version 1 (Cardwell et al., 2016) as far as a bulk transfer shows it: the highest delivery rate of ten
// rounds, the least RTT of ten seconds, start-up, drain, the cycle of eight gains, the visit to four segments
// for the RTT, packet conservation in the first round of an episode of loss. Without its long-term model of
// policers.
#pragma once

#include <array>
#include <deque>

#include "base/rng.hpp"
#include "sim/congestion_control.hpp"

namespace sennit::sim {

class BbrLike : public CongestionControl {
 public:
  explicit BbrLike(std::uint64_t seed) : rng_(seed) {}

  void on_ack(const AckNews& news) override;
  void on_loss(const AckNews& news) override;
  void on_mark(const AckNews&) override {}  // version 1 takes no notice
  void on_recovered() override;
  void on_timeout(const AckNews& news) override;
  void undo() override;
  double window() const override { return window_; }
  std::optional<double> pacing() const override;

 private:
  enum class Mode : std::uint8_t {
    kStartUp,   // doubles until the rate no longer grows
    kDrain,     // empties the queue that start-up made
    kCycle,     // probes for more in one phase of eight
    kProbeRtt,  // few segments, to see the least RTT
  };
  // The highest value of the last rounds.
  class HighestOfRounds {
   public:
    void note(std::uint64_t round, double value);
    double value() const { return values_.empty() ? 0 : values_.front().second; }

   private:
    std::deque<std::pair<std::uint64_t, double>> values_;
  };

  void update_round(const AckNews& news);
  void update_rate(const AckNews& news);
  void update_aggregation(const AckNews& news);
  void update_mode(const AckNews& news);
  void look_for_full_pipe(const AckNews& news);
  void update_phase(const AckNews& news);
  void update_least_rtt(const AckNews& news);
  void update_window(const AckNews& news);
  void enter_cycle(base::Instant now);
  double gain() const;
  // Segments that fill the path at `gain` times its rate.
  double target(double at_gain) const;

  base::Rng rng_;
  Mode mode_ = Mode::kStartUp;
  double window_ = 10;
  double window_before_ = 0;
  bool is_conserving_ = false;
  std::uint64_t conserving_until_ = 0;  // by segments delivered

  HighestOfRounds rate_;
  std::uint64_t round_ = 0;
  std::uint64_t round_end_ = 0;
  bool is_round_start_ = false;
  double full_rate_ = 0;
  unsigned rounds_without_growth_ = 0;
  bool is_full_ = false;
  unsigned phase_ = 0;
  base::Instant phase_start_;

  base::Duration least_rtt_ = base::Duration::max();
  base::Instant least_rtt_at_;
  std::optional<base::Instant> probe_rtt_end_;

  // How far acknowledgements ran ahead of the rate.
  HighestOfRounds ahead_;
  base::Instant ahead_since_;
  double ahead_delivered_ = 0;
};

}  // namespace sennit::sim
