#include "sim/cubic.hpp"

#include <algorithm>
#include <cmath>

namespace sennit::sim {

namespace {

using namespace std::chrono_literals;

constexpr double kBeta = 0.7;
constexpr double kC = 0.4;
constexpr double kFriendlyAlpha = 3 * (1 - kBeta) / (1 + kBeta);
constexpr double kLeastWindow = 2;
constexpr double kHystartLeastWindow = 16;
constexpr unsigned kHystartSamples = 8;
constexpr double kTimeoutWindow = 1;

}  // namespace

std::optional<double> Cubic::pacing() const {
  if (pacing_ == Pacing::kNone || smoothed_rtt_ == base::Duration::zero()) return std::nullopt;
  return (is_in_slow_start() ? 2.0 : 1.25) * window() / base::to_seconds(smoothed_rtt_);
}

void Cubic::on_ack(const AckNews& news) {
  if (news.rtt) smoothed_rtt_ += (*news.rtt - smoothed_rtt_) / (smoothed_rtt_ == 0ns ? 1 : 8);
  if (is_recovering_) {
    reduce_in_proportion(news);
    return;
  }
  if (is_in_slow_start()) look_for_the_end_of_slow_start(news);
  if (!news.is_window_limited) return;
  if (is_in_slow_start())
    window_ = std::min(window_ + static_cast<double>(news.newly_delivered), std::max(threshold_, window_));
  else
    grow(news);
}

void Cubic::begin_round(const AckNews& news) {
  round_start_ = last_ack_ = news.now;
  round_end_ = news.delivered + news.in_flight;
  round_rtt_ = base::Duration::max();
  round_samples_ = 0;
}

// Ha, Rhee, Taming the Elephants (2011): a train of acknowledgements half the RTT long, or a delay that grew.
void Cubic::look_for_the_end_of_slow_start(const AckNews& news) {
  if (news.delivered >= round_end_) begin_round(news);
  if (window_ < kHystartLeastWindow || !news.rtt) return;
  if (news.now - last_ack_ <= 2ms) {
    last_ack_ = news.now;
    if (news.now - round_start_ > news.least_rtt / (pacing_ == Pacing::kNone ? 2 : 1)) threshold_ = window_;
  }
  round_rtt_ = std::min(round_rtt_, *news.rtt);
  if (++round_samples_ < kHystartSamples) return;
  const auto tolerance = std::clamp<base::Duration>(news.least_rtt / 8, 4ms, 16ms);
  if (round_rtt_ > news.least_rtt + tolerance) threshold_ = window_;
}

void Cubic::begin_epoch(base::Instant now) {
  epoch_ = now;
  friendly_ = window_;
  origin_ = std::max(highest_, window_);
  seconds_to_origin_ = std::cbrt((origin_ - window_) / kC);
}

double Cubic::cubic_window(base::Duration in_epoch) const {
  const double t = base::to_seconds(in_epoch) - seconds_to_origin_;
  return origin_ + kC * t * t * t;
}

void Cubic::grow(const AckNews& news) {
  if (!epoch_) begin_epoch(news.now);
  const double acked = static_cast<double>(news.newly_delivered);
  const double target = std::clamp(cubic_window(news.now - *epoch_ + news.least_rtt), window_, 1.5 * window_);
  friendly_ += (friendly_ < highest_ ? kFriendlyAlpha : 1.0) * acked / window_;
  window_ += std::max((target - window_) / window_, 0.01 / window_) * acked;
  window_ = std::max(window_, friendly_);
}

void Cubic::reduce() {
  window_before_ = window_;
  threshold_before_ = threshold_;
  highest_ = window_ < highest_ ? window_ * (1 + kBeta) / 2 : window_;  // fast convergence
  threshold_ = std::max(window_ * kBeta, kLeastWindow);
  epoch_.reset();
}

void Cubic::on_loss(const AckNews& news) {
  reduce();
  is_recovering_ = true;
  recovery_flight_ = std::max(1.0, static_cast<double>(news.in_flight + news.newly_lost));
  recovery_delivered_ = 0;
  transmitted_before_ = news.transmitted;
  window_ = threshold_;
  recovery_window_ = static_cast<double>(news.in_flight);
}

void Cubic::reduce_in_proportion(const AckNews& news) {
  recovery_delivered_ += news.newly_delivered;
  const double sent = static_cast<double>(news.transmitted - transmitted_before_);
  const double delivered = static_cast<double>(recovery_delivered_);
  const double pipe = static_cast<double>(news.in_flight);
  double allowance = std::ceil(delivered * threshold_ / recovery_flight_) - sent;
  if (pipe <= threshold_) {
    const double bound = std::max(delivered - sent, static_cast<double>(news.newly_delivered)) + 1;
    allowance = std::min(threshold_ - pipe, bound);
  }
  if (sent == 0) allowance = std::max(allowance, 1.0);  // the first repetition goes at once
  recovery_window_ = pipe + std::max(allowance, 0.0);
}

void Cubic::on_recovered() {
  is_recovering_ = false;
}

void Cubic::on_timeout(const AckNews&) {
  reduce();
  is_recovering_ = false;
  window_ = kTimeoutWindow;
}

void Cubic::undo() {
  is_recovering_ = false;
  window_ = std::max(window_, window_before_);
  threshold_ = std::max(threshold_, threshold_before_);
}

}  // namespace sennit::sim
