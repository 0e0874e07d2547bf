// The sending half of a transfer that never runs out of data: sends what window, pacing and the receiver's
// buffer allow, finds losses, repeats. TCP's way follows Linux (SACK, RACK, tail loss probe, undo by DSACK
// and timestamps), QUIC's RFC 9002. Knows no packets: `emit` writes a segment, Transfer hands
// acknowledgements in. Invariant: one reduction of the window an episode of loss; an episode ends when what
// was under way at its start has been delivered.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/congestion_control.hpp"
#include "sim/network.hpp"
#include "sim/reorder_tolerance.hpp"
#include "sim/scoreboard.hpp"
#include "sim/segment.hpp"
#include "sim/timer.hpp"

namespace sennit::sim {

enum class Protocol : std::uint8_t { kTcp, kQuic };

struct SenderCounters {
  std::uint64_t transmitted = 0;
  std::uint64_t given_up = 0;
  std::uint64_t in_vain = 0;  // given up, yet delivered
  std::uint64_t reductions = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t undone = 0;
};

class BulkSender {
 public:
  using Emit = std::function<void(const std::vector<Segment>&)>;

  BulkSender(Network& network, Protocol protocol, std::unique_ptr<CongestionControl> control, Emit emit);

  // Sends from now on; at most so many segments beyond the lowest that is missing.
  void start(std::uint64_t receive_window);
  void stop();
  void receive(const Acknowledgement& acknowledgement);

  const SenderCounters& counters() const { return counters_; }
  base::Duration smoothed_rtt() const { return smoothed_rtt_; }
  double window() const { return control_->window(); }

 private:
  // What an acknowledgement does to the lowest missing segment.
  enum class Advance : std::uint8_t {
    kNone,
    kNormal,    // it is there
    kTooEarly,  // it was repeated, but the one that is there was sent before
  };
  // Loss or a mark, and what follows from it.
  struct Episode {
    std::uint64_t end_place;
    std::uint64_t end_transmission;
    bool is_timeout = false;
    bool is_loss = true;
    bool has_repeated = false;
    std::int64_t repeated = 0;  // and not known to be in vain
  };

  Scoreboard::Delivery take(const Acknowledgement& acknowledgement);
  void update_rtt(const Scoreboard::Delivery& delivery);
  AckNews news(const Scoreboard::Delivery& delivery, std::uint64_t losses) const;
  void draw_conclusions(const Acknowledgement& acknowledgement, const AckNews& news, Advance advance);
  LossRule loss_rule() const;
  bool is_over(const Episode& episode) const;
  Advance advance_of(const Acknowledgement& acknowledgement) const;
  bool was_a_mistake(const Acknowledgement& acknowledgement, Advance advance) const;
  bool is_new_loss() const;
  void begin_episode(bool is_loss);
  void look_for_losses();
  void wake();
  void probe();
  void time_out();
  base::Duration patience() const;
  void arm();
  bool may_send() const;
  // How many segments may go at once; zero: not now.
  std::uint64_t quota();
  Segment transmit(std::uint64_t place);
  void send();

  Network& network_;
  Protocol protocol_;
  std::unique_ptr<CongestionControl> control_;
  Emit emit_;
  Scoreboard board_;
  ReorderTolerance tolerance_;
  Timer wake_timer_;
  Timer pace_timer_;
  bool is_running_ = false;
  std::uint64_t receive_window_ = 0;
  std::optional<Episode> episode_;
  std::uint64_t last_episode_start_ = 0;  // by transmissions
  bool tells_reduction_ = false;
  base::Duration smoothed_rtt_{};
  base::Duration rtt_variation_{};
  base::Instant last_progress_;
  unsigned probes_ = 0;
  unsigned backoff_ = 0;
  base::Instant next_send_;
  SenderCounters counters_;
};

}  // namespace sennit::sim
