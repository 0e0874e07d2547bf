#include "sim/bbr_like.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sennit::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kRounds = 10;
constexpr double kHighGain = 2.885;
constexpr double kPacingMargin = 0.99;
constexpr std::array<double, 8> kCycle{1.25, 0.75, 1, 1, 1, 1, 1, 1};
constexpr double kLeastWindow = 4;
constexpr double kBurstSeconds = 0.001;  // what a sender hands to its interface at once; three are under way
constexpr base::Duration kLeastRttLife = 10s;
constexpr base::Duration kProbeRttTime = 200ms;

}  // namespace

void BbrLike::HighestOfRounds::note(std::uint64_t round, double value) {
  while (!values_.empty() && values_.back().second <= value) values_.pop_back();
  values_.emplace_back(round, value);
  while (values_.front().first + kRounds <= round) values_.pop_front();
}

double BbrLike::gain() const {
  switch (mode_) {
    case Mode::kStartUp: return kHighGain;
    case Mode::kDrain: return 1 / kHighGain;
    case Mode::kCycle: return kCycle.at(phase_);
    case Mode::kProbeRtt: return 1;
  }
  return 1;
}

std::optional<double> BbrLike::pacing() const {
  if (rate_.value() == 0) return std::nullopt;
  return kPacingMargin * gain() * rate_.value();
}

double BbrLike::target(double at_gain) const {
  if (rate_.value() == 0) return window_;
  const double burst = std::max(2.0, std::floor(rate_.value() * kBurstSeconds));
  const double probe = mode_ == Mode::kCycle && phase_ == 0 ? 2 : 0;
  return at_gain * rate_.value() * base::to_seconds(least_rtt_) + 3 * burst + probe;
}

void BbrLike::on_ack(const AckNews& news) {
  update_round(news);
  update_rate(news);
  update_aggregation(news);
  update_mode(news);
  update_least_rtt(news);
  update_window(news);
}

void BbrLike::update_round(const AckNews& news) {
  is_round_start_ = news.rate && news.rate->delivered_before >= round_end_;
  if (!is_round_start_) return;
  ++round_;
  round_end_ = news.delivered;
}

void BbrLike::update_rate(const AckNews& news) {
  if (!news.rate || news.rate->segments_per_second <= 0) return;
  if (news.rate->is_limited && news.rate->segments_per_second < rate_.value()) return;
  rate_.note(round_, news.rate->segments_per_second);
}

void BbrLike::update_aggregation(const AckNews& news) {
  ahead_delivered_ += static_cast<double>(news.newly_delivered);
  const double expected = rate_.value() * base::to_seconds(news.now - ahead_since_);
  if (ahead_delivered_ <= expected) {
    ahead_since_ = news.now;
    ahead_delivered_ = static_cast<double>(news.newly_delivered);
    return;
  }
  const double most = rate_.value() * 0.1;  // a tenth of a second
  ahead_.note(round_, std::min({ahead_delivered_ - expected, window_, most}));
}

void BbrLike::look_for_full_pipe(const AckNews& news) {
  if (is_full_ || !is_round_start_ || news.rate->is_limited) return;
  if (rate_.value() >= full_rate_ * 1.25) {
    full_rate_ = rate_.value();
    rounds_without_growth_ = 0;
    return;
  }
  is_full_ = ++rounds_without_growth_ >= 3;
}

void BbrLike::enter_cycle(base::Instant now) {
  mode_ = Mode::kCycle;
  phase_ = static_cast<unsigned>((2 + rng_.below(7)) % kCycle.size());  // anywhere but in the drain
  phase_start_ = now;
}

void BbrLike::update_mode(const AckNews& news) {
  look_for_full_pipe(news);
  if (mode_ == Mode::kStartUp && is_full_) mode_ = Mode::kDrain;
  if (mode_ == Mode::kDrain && static_cast<double>(news.in_flight) <= target(1)) enter_cycle(news.now);
  if (mode_ == Mode::kCycle) update_phase(news);
}

void BbrLike::update_phase(const AckNews& news) {
  const double phase_gain = kCycle.at(phase_);
  const double in_flight = static_cast<double>(news.in_flight);
  bool is_over = news.now - phase_start_ > least_rtt_;
  if (phase_gain > 1) is_over = is_over && (news.newly_lost > 0 || in_flight >= target(phase_gain));
  if (phase_gain < 1) is_over = is_over || in_flight <= target(1);
  if (!is_over) return;
  phase_ = (phase_ + 1) % kCycle.size();
  phase_start_ = news.now;
}

void BbrLike::update_least_rtt(const AckNews& news) {
  const bool is_known = least_rtt_ != base::Duration::max();
  const bool is_old = is_known && news.now > least_rtt_at_ + kLeastRttLife;
  if (news.rtt && (*news.rtt < least_rtt_ || is_old)) {
    least_rtt_ = *news.rtt;
    least_rtt_at_ = news.now;
  }
  if (is_old && mode_ != Mode::kProbeRtt && round_ > 0) {
    mode_ = Mode::kProbeRtt;
    window_before_ = std::max(window_, window_before_);
    probe_rtt_end_.reset();
  }
  if (mode_ != Mode::kProbeRtt) return;
  if (!probe_rtt_end_ && static_cast<double>(news.in_flight) <= kLeastWindow) {
    probe_rtt_end_ = news.now + kProbeRttTime;
  }
  if (!probe_rtt_end_ || news.now < *probe_rtt_end_) return;
  least_rtt_at_ = news.now;
  window_ = std::max(window_, window_before_);
  window_before_ = 0;
  if (is_full_)
    enter_cycle(news.now);
  else
    mode_ = Mode::kStartUp;
}

void BbrLike::update_window(const AckNews& news) {
  if (news.newly_lost > 0) window_ = std::max(1.0, window_ - static_cast<double>(news.newly_lost));
  if (is_conserving_ && news.delivered < conserving_until_) {
    window_ = std::max(window_, static_cast<double>(news.in_flight + news.newly_delivered));
    return;
  }
  if (std::exchange(is_conserving_, false)) window_ = std::max(window_, window_before_);
  const double acked = static_cast<double>(news.newly_delivered);
  const double wanted = target(is_full_ && mode_ == Mode::kCycle ? 2 : kHighGain) + ahead_.value();
  if (is_full_)
    window_ = std::min(window_ + acked, wanted);
  else if (window_ < wanted || news.delivered < 10)
    window_ += acked;
  window_ = std::max(window_, kLeastWindow);
  if (mode_ == Mode::kProbeRtt) window_ = std::min(window_, kLeastWindow);
}

void BbrLike::on_loss(const AckNews& news) {
  window_before_ = mode_ == Mode::kProbeRtt ? std::max(window_, window_before_) : window_;
  is_conserving_ = true;
  conserving_until_ = news.delivered + news.in_flight;
  window_ = static_cast<double>(news.in_flight + std::max<std::uint64_t>(news.newly_delivered, 1));
}

void BbrLike::on_recovered() {
  if (mode_ != Mode::kProbeRtt) window_ = std::max(window_, window_before_);
  is_conserving_ = false;
}

void BbrLike::on_timeout(const AckNews&) {
  window_before_ = std::max(window_, window_before_);
  is_conserving_ = false;
  window_ = 1;
}

void BbrLike::undo() {
  on_recovered();
}

}  // namespace sennit::sim
