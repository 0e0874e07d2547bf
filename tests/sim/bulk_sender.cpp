#include "sim/bulk_sender.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sennit::sim {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration kInitialTimeout = 1s;
constexpr base::Duration kLeastTimeout = 200ms;
constexpr base::Duration kMostTimeout = 120s;
constexpr base::Duration kQuicAckDelay = 25ms;
constexpr std::uint64_t kQuicTransmissions = 3;
constexpr base::Duration kPacingQuantum = 1ms;
constexpr unsigned kTcpProbes = 1;
constexpr unsigned kQuicProbes = 3;

std::uint32_t stamp_of(base::Instant now) {
  return static_cast<std::uint32_t>(now.time_since_epoch() / 1ms);
}

}  // namespace

BulkSender::BulkSender(Network& network, Protocol protocol, std::unique_ptr<CongestionControl> control,
                       Emit emit)
    : network_(network),
      protocol_(protocol),
      control_(std::move(control)),
      emit_(std::move(emit)),
      wake_timer_(network, [this] { wake(); }),
      pace_timer_(network, [this] { send(); }) {}

void BulkSender::start(std::uint64_t receive_window) {
  receive_window_ = receive_window;
  is_running_ = true;
  last_progress_ = next_send_ = network_.now().monotonic;
  send();
}

void BulkSender::stop() {
  is_running_ = false;
  wake_timer_.set(base::kNever);
  pace_timer_.set(base::kNever);
}

Scoreboard::Delivery BulkSender::take(const Acknowledgement& acknowledgement) {
  const auto now = network_.now().monotonic;
  board_.deliver_below(acknowledgement.next, now);
  for (const auto& range : acknowledgement.ranges) {
    if (protocol_ == Protocol::kTcp)
      board_.deliver_places(range, now);
    else
      board_.deliver_transmissions(range, now);
  }
  return board_.finish(now);
}

// RFC 6298.
void BulkSender::update_rtt(const Scoreboard::Delivery& delivery) {
  if (delivery.segments > 0) {
    last_progress_ = network_.now().monotonic;
    probes_ = backoff_ = 0;
  }
  if (!delivery.rtt) return;
  if (smoothed_rtt_ == 0ns) {
    smoothed_rtt_ = *delivery.rtt;
    rtt_variation_ = *delivery.rtt / 2;
    return;
  }
  rtt_variation_ += (std::chrono::abs(smoothed_rtt_ - *delivery.rtt) - rtt_variation_) / 4;
  smoothed_rtt_ += (*delivery.rtt - smoothed_rtt_) / 8;
}

LossRule BulkSender::loss_rule() const {
  if (protocol_ == Protocol::kQuic) {
    return {std::max(board_.newest_rtt(), smoothed_rtt_) * 9 / 8, kQuicTransmissions};
  }
  const auto tolerance =
      tolerance_.window(episode_.has_value(), board_.delivered_above(), board_.least_rtt(), smoothed_rtt_);
  return {board_.newest_rtt() + tolerance, 0};
}

AckNews BulkSender::news(const Scoreboard::Delivery& delivery, std::uint64_t losses) const {
  return {.now = network_.now().monotonic,
          .newly_delivered = delivery.segments,
          .newly_lost = losses,
          .delivered = board_.delivered(),
          .transmitted = board_.transmitted(),
          .in_flight = board_.in_flight(),
          .rtt = delivery.rtt,
          .least_rtt = board_.least_rtt(),
          .rate = delivery.rate,
          .is_window_limited = board_.segments_end() < board_.lowest() + receive_window_};
}

void BulkSender::receive(const Acknowledgement& acknowledgement) {
  if (!is_running_) return;
  const auto advance = advance_of(acknowledgement);
  const auto delivery = take(acknowledgement);
  update_rtt(delivery);
  counters_.in_vain += delivery.spurious;
  tolerance_.note_reordering(delivery.reordering);
  if (acknowledgement.duplicate) {
    tolerance_.note_duplicate(board_.lowest(), board_.segments_end());
    ++counters_.in_vain;
    if (episode_) --episode_->repeated;
  }
  const auto losses = board_.detect_losses(loss_rule(), network_.now().monotonic);
  counters_.given_up += losses;
  draw_conclusions(acknowledgement, news(delivery, losses), advance);
  send();
  arm();
}

// Eifel (RFC 4015): told apart by timestamps.
BulkSender::Advance BulkSender::advance_of(const Acknowledgement& acknowledgement) const {
  if (acknowledgement.next <= board_.lowest()) return Advance::kNone;
  const auto repeated_at = board_.lowest_repeated_at();
  return repeated_at && acknowledgement.echo < stamp_of(*repeated_at) ? Advance::kTooEarly : Advance::kNormal;
}

// QUIC's rules know no mistakes.
bool BulkSender::was_a_mistake(const Acknowledgement& acknowledgement, Advance advance) const {
  if (!episode_ || !episode_->is_loss || protocol_ == Protocol::kQuic) return false;
  if (!episode_->has_repeated) return advance != Advance::kNone && !board_.has_lost();
  if (advance == Advance::kTooEarly) return true;
  return acknowledgement.duplicate && episode_->repeated <= 0;
}

bool BulkSender::is_over(const Episode& episode) const {
  if (protocol_ == Protocol::kQuic) return board_.newest() >= episode.end_transmission;
  return board_.lowest() >= episode.end_place;
}

// QUIC's episode ends before everything lost in it was repeated (RFC 9002 section 7.3.2).
bool BulkSender::is_new_loss() const {
  if (protocol_ == Protocol::kQuic) return board_.has_lost() && board_.lost_end() > last_episode_start_;
  return board_.has_lost();
}

void BulkSender::begin_episode(bool is_loss) {
  last_episode_start_ = board_.transmitted();
  episode_ = Episode{
      .end_place = board_.segments_end(), .end_transmission = board_.transmitted(), .is_loss = is_loss};
  tells_reduction_ = true;
  ++counters_.reductions;
}

void BulkSender::draw_conclusions(const Acknowledgement& acknowledgement, const AckNews& news,
                                  Advance advance) {
  if (was_a_mistake(acknowledgement, advance)) {
    ++counters_.undone;
    board_.believe_in(news.now + smoothed_rtt_);
    control_->undo();
    episode_.reset();
  } else if (episode_ && is_over(*episode_)) {
    episode_.reset();
    tolerance_.note_recovered();
    control_->on_recovered();
  }
  const bool is_loss = is_new_loss();
  if (!episode_ && (is_loss || acknowledgement.is_congested)) {
    begin_episode(is_loss);
    if (is_loss)
      control_->on_loss(news);
    else
      control_->on_mark(news);
  }
  control_->on_ack(news);
}

// Losses found by time alone.
void BulkSender::look_for_losses() {
  const auto losses = board_.detect_losses(loss_rule(), network_.now().monotonic);
  counters_.given_up += losses;
  if (losses > 0) draw_conclusions({}, news({}, losses), Advance::kNone);
}

base::Duration BulkSender::patience() const {
  if (smoothed_rtt_ == 0ns) return kInitialTimeout * (1U << backoff_);
  const auto variation = std::max<base::Duration>(4 * rtt_variation_, 1ms);
  if (protocol_ == Protocol::kQuic) return (smoothed_rtt_ + variation + kQuicAckDelay) * (1U << probes_);
  if (probes_ < kTcpProbes && backoff_ == 0) return 2 * smoothed_rtt_ + 2ms;
  const auto timeout = smoothed_rtt_ + std::max(variation, kLeastTimeout);
  return std::min(timeout * (1U << std::min(backoff_, 10U)), kMostTimeout);
}

void BulkSender::arm() {
  const bool waits = board_.in_flight() > 0 || board_.has_lost();
  const auto timeout = waits && is_running_ ? last_progress_ + patience() : base::kNever;
  wake_timer_.set(std::min(board_.due(), timeout));
}

void BulkSender::wake() {
  const auto now = network_.now().monotonic;
  if (board_.due() <= now) {
    look_for_losses();
  } else if (probes_ < (protocol_ == Protocol::kTcp ? kTcpProbes : kQuicProbes) && smoothed_rtt_ > 0ns) {
    probe();
  } else {
    time_out();
  }
  send();
  arm();
}

void BulkSender::probe() {
  ++probes_;
  last_progress_ = network_.now().monotonic;
  emit_({transmit(board_.next())});
}

void BulkSender::time_out() {
  last_progress_ = network_.now().monotonic;
  ++backoff_;
  ++counters_.timeouts;
  const auto losses = board_.lose_all();
  counters_.given_up += losses;
  const bool is_first = !episode_ || !episode_->is_timeout;
  begin_episode(true);
  episode_->is_timeout = true;
  if (is_first) control_->on_timeout(news({}, losses));
  next_send_ = last_progress_;
}

bool BulkSender::may_send() const {
  if (static_cast<double>(board_.in_flight()) + 1 > control_->window()) return false;
  return board_.has_lost() || board_.segments_end() < board_.lowest() + receive_window_;
}

Segment BulkSender::transmit(std::uint64_t place) {
  const auto now = network_.now().monotonic;
  const bool is_new = place == board_.segments_end();
  if (!is_new && episode_) {
    ++episode_->repeated;
    episode_->has_repeated = true;
  }
  const bool is_limited = board_.segments_end() >= board_.lowest() + receive_window_;
  ++counters_.transmitted;
  return {place, board_.transmit(place, now, is_limited), stamp_of(now),
          is_new && std::exchange(tells_reduction_, false)};
}

std::uint64_t BulkSender::quota() {
  const auto rate = control_->pacing();
  if (!rate) return ~std::uint64_t{0};
  const auto now = network_.now().monotonic;
  if (now < next_send_) {
    pace_timer_.set(next_send_);
    return 0;
  }
  return static_cast<std::uint64_t>(std::max(1.0, std::round(*rate * base::to_seconds(kPacingQuantum))));
}

void BulkSender::send() {
  if (!is_running_) return;
  const auto most = quota();
  std::vector<Segment> segments;
  while (segments.size() < most && may_send()) segments.push_back(transmit(board_.next()));
  if (segments.empty()) return;
  if (const auto rate = control_->pacing()) {
    const auto spent = std::chrono::duration<double>(static_cast<double>(segments.size()) / *rate);
    next_send_ = std::max(next_send_, network_.now().monotonic - kPacingQuantum) +
                 std::chrono::duration_cast<base::Duration>(spent);
    pace_timer_.set(std::max(next_send_, network_.now().monotonic));
  }
  emit_(segments);
  arm();
}

}  // namespace sennit::sim
