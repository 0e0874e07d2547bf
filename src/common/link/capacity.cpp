// Theory of operation: while a path's queue is not empty, what arrives is what the path carries; so capacity
// is measured, not guessed, whenever there is a queue, and the art is to keep that queue small. An *open*
// path is watched: a queue or loss above the ordinary calls for a *trial*, in which less is sent. If delay or
// loss answers, the path was saturated, and it is *held*: the rate follows the capacity, corrected so that
// the queue comes to its target. Without any queue the search goes on upwards, in steps that double. If
// nothing answers, the delay is another route's or somebody else's, and the loss is the link's own.
#include "link/capacity.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sennit::link {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::Duration kLeastTarget = milliseconds(3);
constexpr base::Duration kMostTarget = milliseconds(25);
constexpr base::Duration kHighQueue = milliseconds(10);
constexpr base::Duration kShortestWindow = milliseconds(100);
constexpr base::Duration kLeastBusy = milliseconds(60);
constexpr base::Duration kLongestWindow = seconds(1);
constexpr base::Duration kReportDelay = milliseconds(50);
constexpr base::Duration kShortestHorizon = milliseconds(150);
constexpr base::Duration kPause = milliseconds(400);
constexpr base::Duration kRelaxAfter = seconds(2);
constexpr base::Duration kRelaxEvery = milliseconds(500);
constexpr double kRelaxation = 1.5;
constexpr double kWorthTrying = 500'000;
constexpr std::uint32_t kLeastEvidence = 16;
constexpr double kTrialShare = 0.75;
constexpr double kLossTrialShare = 0.85;
constexpr double kPlainLosses = 15;
constexpr double kHeavyLoss = 0.08;
constexpr unsigned kLossTrialRounds = 4;
constexpr double kAnsweredShare = 0.35;
constexpr base::Duration kLongestLossTrial = milliseconds(1500);
constexpr unsigned kTrialRounds = 4;
constexpr base::Duration kTrialPause = seconds(2);
constexpr unsigned kSuspicions = 2;
constexpr double kWatchMargin = 0.05;
constexpr double kFirstGrowth = 0.02;
constexpr double kMostGrowth = 0.5;
constexpr double kPolicedMargin = 0.985;
constexpr base::Duration kPolicedPause = seconds(3);
constexpr double kSuspiciousLoss = 0.04;
constexpr base::Duration kLossWindow = milliseconds(300);
constexpr std::uint32_t kLossyReports = 3;  // less is an outage
constexpr std::uint32_t kFewLosses = 12;
constexpr base::Duration kDrainEvery = seconds(5);
constexpr base::Duration kSaturatedFor = milliseconds(800);
constexpr double kLeastRate = 64'000;

double seconds_of(base::Duration duration) {
  return base::to_seconds(duration);
}

base::Duration duration_of(double seconds_long) {
  return base::Duration(static_cast<std::int64_t>(seconds_long * 1e9));
}

double bits(base::BitRate rate) {
  return static_cast<double>(rate.bits_per_second);
}

}  // namespace

std::string_view to_string(Limit limit) {
  switch (limit) {
    case Limit::kNone: return "none";
    case Limit::kQueue: return "queue";
    case Limit::kPolicer: return "policer";
    case Limit::kTold: return "told";
  }
  return "none";
}

void Capacity::tell(base::BitRate told) {
  const double before = std::exchange(told_, bits(told));
  if (told_ == before) return;
  rate_ = capacity_ = told_;
  trial_.reset();
}

void Capacity::restart() {
  Capacity fresh;
  fresh.told_ = fresh.rate_ = fresh.capacity_ = told_;
  fresh.highest_ = highest_;
  *this = fresh;
}

base::BitRate Capacity::rate() const {
  return rate_ > kFastest ? base::BitRate{} : to_rate(rate_);
}

Verdict Capacity::add(const Delivery& delivery, base::Instant now) {
  if (delivery.span > kPause && !delivery.was_limited) {
    forget_recent();
    return Verdict::kNothing;
  }
  last_used_ = now;
  if (delivery.datagrams_sent > 0)
    packet_bits_ = 8.0 * static_cast<double>(delivery.sent.value) / delivery.datagrams_sent;
  recent_.add(delivery, window_length(delivery));
  losses_.add(delivery, trial_ ? 2 * kLongestLossTrial : std::max(window_length(delivery), kLossWindow));
  if (!trial_ && losses_.loss() < random_loss_) random_loss_ -= (random_loss_ - losses_.loss()) / 1024;
  highest_ = std::max(highest_, recent_.span() >= kShortestWindow ? bits(recent_.delivery_rate()) : 0.0);
  note_noise(delivery);
  note_busy(delivery);
  auto verdict = Verdict::kNothing;
  if (trial_) {
    verdict = judge_trial(delivery, now);
  } else if (is_suspicious(delivery)) {
    begin_trial(delivery, loses() && delivery.queue < target(), now);
  } else if (rate_ > 0) {
    hold(delivery, now);
  } else {
    watch(delivery, now);
  }
  note_saturation(delivery, now);
  return verdict;
}

// There was a pause: what is measured across it is the application's.
void Capacity::forget_recent() {
  recent_.clear();
  losses_.clear();
  busy_.clear();
  had_queue_ = false;
  suspicions_ = standing_ = 0;
}

void Capacity::relax(base::Instant now) {
  if (rate_ == 0 || told_ > 0 || now - last_used_ < kRelaxAfter) return;
  const double best = std::max(highest_, kWorthTrying);
  if (capacity_ >= best) return;
  last_used_ = now - kRelaxAfter + kRelaxEvery;
  trial_.reset();
  capacity_ = std::min(best, kRelaxation * capacity_);
  rate_ = capacity_;
}

// Long enough for a dozen packets, so that one more or less means little.
base::Duration Capacity::window_length(const Delivery& delivery) const {
  const double reference = std::max({capacity_, bits(recent_.delivery_rate()), kLeastRate});
  const auto dozen = duration_of(12 * packet_bits_ / reference);
  return std::clamp(std::max(dozen, delivery.rtt / 2), kShortestWindow, kLongestWindow);
}

// The queue that keeps the path busy: a packet or two, and what its delay wavers by anyhow.
base::Duration Capacity::target() const {
  const double reference = std::max(capacity_ > 0 ? capacity_ : bits(recent_.delivery_rate()), kLeastRate);
  const auto packet = duration_of(1.5 * packet_bits_ / reference);
  return std::clamp(std::max(packet, 2 * noise_), kLeastTarget, std::max(kMostTarget, packet));
}

// From a change of the rate until it shows.
base::Duration Capacity::round(const Delivery& delivery) const {
  return delivery.rtt + kReportDelay;
}

void Capacity::note_noise(const Delivery& delivery) {
  const auto step = std::chrono::abs(delivery.queue - std::exchange(last_queue_, delivery.queue));
  noise_ += (std::min<base::Duration>(step, kMostTarget) - noise_) / 16;
}

// An open path whose queue does not go away is full, or nearly: it is held a little above what arrives, and
// the search finds out.
void Capacity::watch(const Delivery& delivery, base::Instant now) {
  const double measured = bits(recent_.delivery_rate());
  standing_ = delivery.queue > target() && highest_ < kFastest && recent_.datagrams() >= kLeastEvidence
                  ? standing_ + 1
                  : 0;
  if (standing_ < kSuspicions) return;
  standing_ = 0;
  capacity_ = measured;
  growth_ = kWatchMargin;
  rate_ = capacity_ * (1 + growth_);
  next_growth_ = now + round(delivery);
  last_empty_ = now;
}

bool Capacity::loses() const {
  const double ordinary = random_loss_ * 2 + kSuspiciousLoss;
  return losses_.lost() >= kFewLosses && losses_.loss() > ordinary && losses_.lossy() >= kLossyReports;
}

bool Capacity::is_suspicious(const Delivery& delivery) {
  const bool is_fast = highest_ > kFastest;
  const bool is_pausing =
      last_trial_ != base::Instant::min() && delivery.sent_at - last_trial_ < kTrialPause && rate_ == 0;
  const auto high = std::max<base::Duration>(kHighQueue + target(), 3 * target());
  const bool is_held_well = rate_ > 0 && delivery.was_limited && delivery.queue < 2 * high;
  const bool is_delayed = delivery.queue > high && !is_held_well;
  const bool is_lossy = loses() && !(is_policed_ && rate_ > 0);
  const bool is_trickle = recent_.datagrams() < kLeastEvidence;
  if (is_fast || is_trickle || is_pausing || !(is_delayed || is_lossy)) {
    suspicions_ = 0;
    return false;
  }
  return ++suspicions_ >= kSuspicions;
}

void Capacity::begin_trial(const Delivery& delivery, bool is_about_loss, base::Instant now) {
  suspicions_ = 0;
  Trial trial;
  trial.begin = now;
  trial.end = now + round(delivery) + std::max<base::Duration>(milliseconds(50), delivery.rtt / 2);
  trial.queue = delivery.queue;
  trial.loss = losses_.loss();
  // What came through while much was lost is what a policer lets through.
  const bool is_further_loss = trial_ && is_about_loss;
  trial.delivered = bits((is_further_loss ? losses_ : recent_).delivery_rate());
  trial.former_rate = trial_ ? trial_->former_rate : rate_;
  trial.rounds = trial_ ? trial_->rounds + 1 : 1;
  trial.is_about_loss = is_about_loss;
  trial_ = trial;
  rate_ = std::max(kLeastRate, trial.delivered * (is_about_loss ? kLossTrialShare : kTrialShare));
  if (is_about_loss) losses_.clear();
}

Verdict Capacity::judge_trial(const Delivery& delivery, base::Instant now) {
  const bool shows = delivery.sent_at > trial_->begin;  // what was sent at the lower rate has arrived
  return trial_->is_about_loss ? judge_loss(delivery, shows, now) : judge_delay(delivery, shows, now);
}

Verdict Capacity::judge_delay(const Delivery& delivery, bool shows, base::Instant now) {
  Trial& trial = *trial_;
  if (!shows) {
    // The queue is there, so what arrives is the capacity.
    trial.delivered = bits(recent_.delivery_rate());
    trial.queue = std::max(trial.queue, delivery.queue);
    rate_ = std::max(kLeastRate, trial.delivered * kTrialShare);
    trial.end = now + std::max<base::Duration>(milliseconds(50), delivery.rtt / 2);
  }
  const bool has_answered = shows && (delivery.queue < target() || delivery.queue < trial.queue * 6 / 10);
  if (has_answered) {
    end_trial(Limit::kQueue, now);
    return Verdict::kNothing;
  }
  if (!shows || now < trial.end) return Verdict::kNothing;
  if (delivery.queue < trial.queue * 19 / 20 || trial.rounds < kTrialRounds) {
    begin_trial(delivery, false, now);
    return Verdict::kNothing;
  }
  end_trial(Limit::kNone, now);
  return Verdict::kForeignDelay;
}

// Waits until so much was sent that the former share of it, were it lost again, would be plain.
Verdict Capacity::judge_loss(const Delivery& delivery, bool shows, base::Instant now) {
  if (!shows) losses_.clear();
  const double expected = losses_.datagrams() * trial_->loss;
  if (!shows || (expected < kPlainLosses && now < trial_->begin + kLongestLossTrial))
    return Verdict::kNothing;
  if (losses_.lost() < kAnsweredShare * expected) {
    end_trial(Limit::kPolicer, now);
  } else if (losses_.loss() > kHeavyLoss && trial_->rounds < kLossTrialRounds) {
    // A policer's bucket lets much pass at first: less may still be too much.
    begin_trial(delivery, true, now);
  } else {
    random_loss_ = losses_.loss();
    end_trial(Limit::kNone, now);
  }
  return Verdict::kNothing;
}

// `found`: what answered; none: it was not our doing.
void Capacity::end_trial(Limit found, base::Instant now) {
  const Trial trial = *std::exchange(trial_, std::nullopt);
  last_trial_ = now;
  growth_ = 0;
  last_empty_ = now;
  losses_.clear();
  if (found == Limit::kNone) {
    rate_ = trial.former_rate;
    return;
  }
  capacity_ = trial.delivered;
  is_policed_ = found == Limit::kPolicer;
  rate_ = capacity_ * kPolicedMargin;
  next_growth_ = now + (is_policed_ ? kPolicedPause : kReportDelay);
  recent_.clear();
}

// What arrives tells the capacity only while the queue never runs empty.
void Capacity::note_busy(const Delivery& delivery) {
  const bool has_queue = delivery.queue >= target() / 2;
  if (!has_queue) busy_.clear();
  if (has_queue && had_queue_) busy_.add(delivery, window_length(delivery));
  had_queue_ = has_queue;
}

void Capacity::hold(const Delivery& delivery, base::Instant now) {
  if (delivery.queue < target() / 3) last_empty_ = now;
  if (!delivery.was_limited && delivery.queue < target()) return;
  if (is_policed_ && loses()) {
    take_capacity(bits(recent_.delivery_rate()));
    losses_.clear();
    growth_ = 0;
    next_growth_ = now + kPolicedPause;
    rate_ = capacity_ * kPolicedMargin;
    return;
  }
  if (delivery.queue >= target() / 2) {
    is_policed_ = false;
    if (busy_.span() >= kLeastBusy) take_capacity(bits(busy_.delivery_rate()));
    growth_ = 0;
    next_growth_ = now + round(delivery);
  } else if (delivery.was_limited) {
    search(delivery, now);
  }
  if (now - last_empty_ > kDrainEvery) {
    drain_until_ = now + round(delivery);
    last_empty_ = now;
  }
  const auto horizon = std::max(kShortestHorizon, 3 * (delivery.rtt / 2 + kReportDelay));
  const auto goal = now < drain_until_ ? -target() / 2 : target();
  const double correction = std::clamp(seconds_of(goal - delivery.queue) / seconds_of(horizon), -0.5, 0.05);
  const double margin = is_policed_ ? kPolicedMargin : 1 + correction;
  rate_ = std::max(kLeastRate, capacity_ * (margin + growth_));
  if (told_ > 0) rate_ = std::min(rate_, told_);
}

void Capacity::search(const Delivery& delivery, base::Instant now) {
  if (now < next_growth_) return;
  const double measured = bits(recent_.delivery_rate());
  if (measured > capacity_) take_capacity(measured);
  growth_ = std::clamp(2 * growth_, kFirstGrowth, kMostGrowth);
  next_growth_ = now + round(delivery) + window_length(delivery);
}

void Capacity::take_capacity(double measured) {
  capacity_ = told_ > 0 ? std::min(measured, told_) : measured;
}

void Capacity::note_saturation(const Delivery& delivery, base::Instant now) {
  const double measured = bits(recent_.delivery_rate());
  if (trial_ || rate_ == 0 || measured < 0.85 * capacity_) return;
  const bool is_at_told = told_ > 0 && delivery.was_limited && rate_ >= told_;
  const bool has_queue = delivery.queue >= target() / 3;
  if (!is_at_told && !has_queue && !(is_policed_ && delivery.was_limited)) return;
  if (!delivery.was_limited && delivery.queue < target()) return;
  limit_ = is_policed_ ? Limit::kPolicer : has_queue ? Limit::kQueue : Limit::kTold;
  saturated_until_ = now + kSaturatedFor;
}

}  // namespace sennit::link
