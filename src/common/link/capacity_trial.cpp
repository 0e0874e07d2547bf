// Whose doing it is that a path delays or loses: a delay that stays while nothing is sent or after long
// holding back, and trials, in which less is sent to see whether delay or loss answers. The other half of
// capacity.cpp.
#include <algorithm>
#include <chrono>
#include <utility>

#include "link/capacity.hpp"

namespace sennit::link {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kTrialShare = 0.75;
constexpr double kLossTrialShare = 0.85;
constexpr double kPlainLosses = 15;
constexpr double kHeavyLoss = 0.08;
constexpr unsigned kLossTrialRounds = 2;
constexpr double kAnsweredShare = 0.35;
constexpr unsigned kTrialRounds = 4;
constexpr base::Duration kTrialPause = seconds(2);
constexpr double kSuspiciousLoss = 0.04;
constexpr double kLeastPoliced = 500'000;   // bit/s
constexpr std::uint32_t kLossyReports = 3;  // less is an outage
constexpr std::uint32_t kFewLosses = 12;
constexpr int kStubbornHorizons = 5;
constexpr double kNextToNothing = 0.1;
constexpr base::Duration kSilenceMargin = milliseconds(5);

}  // namespace

bool Capacity::loses() const {
  const double ordinary = random_loss_ * 2 + kSuspiciousLoss;
  return losses_.lost() >= kFewLosses && losses_.loss() > ordinary && losses_.lossy() >= kLossyReports;
}

// A call or a game would wait for as long as a trial takes, on lines whose like polices nothing.
bool Capacity::may_be_policed() const {
  return bits(recent_.send_rate()) >= kLeastPoliced;
}

// A queue of ours would be gone, and yet the delay is what it was.
bool Capacity::detect_foreign(const Delivery& delivery, base::Instant now) {
  if (is_undrained(delivery)) return true;
  const bool is_sparse = is_outlived(delivery);
  if (!is_sparse && (delivery.queue <= kHighQueue + target() || !is_nearly_idle())) {
    still_.reset();
    return false;
  }
  const bool is_still = still_ && std::chrono::abs(delivery.queue - still_->queue) < still_->queue / 4;
  if (!is_still) still_ = Still{now, delivery.queue};
  return is_still && (is_sparse || now - still_->since > 2 * (round(delivery) + still_->queue));
}

// What was sent when the path should long have run empty met a queue nevertheless.
bool Capacity::is_undrained(const Delivery& delivery) const {
  return drain_ && delivery.sent_at > drain_->end && delivery.queue >= target() / 3 &&
         delivery.queue <= drain_->queue * 5 / 4;
}

// At least one of the datagrams was sent after a silence in which such a queue would have emptied.
bool Capacity::is_outlived(const Delivery& delivery) {
  return delivery.queue > kHighQueue &&
         delivery.send_span > delivery.datagrams_sent * (delivery.queue + kSilenceMargin);
}

bool Capacity::is_trickle() const {
  return recent_.datagrams() < kLeastEvidence;
}

bool Capacity::is_nearly_idle() const {
  return is_trickle() || bits(recent_.send_rate()) < kNextToNothing * met_capacity_;
}

// The path is held below what arrives, and for longer than a queue of ours would last.
bool Capacity::detect_stubborn(const Delivery& delivery, base::Instant now) {
  const bool is_met = delivery.queue < target_at(std::max(capacity_, met_capacity_)) * 3 / 2;
  if (is_met) met_capacity_ = capacity_;
  if (rate_ == 0 || !delivery.was_limited || is_met) last_met_ = now;
  return now - last_met_ > kStubbornHorizons * horizon(delivery);
}

bool Capacity::detect_suspicious(const Delivery& delivery, base::Instant now) {
  const bool is_pausing =
      last_trial_ != base::Instant::min() && delivery.sent_at - last_trial_ < kTrialPause && rate_ == 0;
  const auto high = std::max<base::Duration>(kHighQueue + target(), 3 * target());
  const bool is_held_well = rate_ > 0 && delivery.was_limited && delivery.queue < 2 * high;
  const bool is_delayed = (delivery.queue > high && !is_held_well) || detect_stubborn(delivery, now);
  const bool is_lossy = loses() && may_be_policed() && !(is_policed_ && rate_ > 0);
  if (is_fast_ || is_trickle() || is_pausing || !(is_delayed || is_lossy)) {
    suspicions_ = 0;
    return false;
  }
  return ++suspicions_ >= kSuspicions;
}

void Capacity::begin_trial(const Delivery& delivery, bool is_about_loss, base::Instant now) {
  suspicions_ = 0;
  drain_.reset();
  attempt_.reset();
  full_since_.reset();
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
  return end_as_foreign(now);
}

// The delay is not ours, so the capacity is what it was before; which is believed once, until it has been
// seen.
Verdict Capacity::end_as_foreign(base::Instant now) {
  if (trial_) end_trial(Limit::kNone, now);
  if (rate_ > 0) {
    const double before = std::max(capacity_, met_capacity_);
    met_capacity_ = capacity_;
    rate_ = capacity_ = before;
  }
  last_met_ = last_empty_ = now;
  still_.reset();
  drain_.reset();
  return Verdict::kForeignDelay;
}

// Waits until so much was sent that the former share of it, were it lost again, would be plain; or until as
// much is lost as can be no answer.
Verdict Capacity::judge_loss(const Delivery& delivery, bool shows, base::Instant now) {
  shows = shows && delivery.sent_at - delivery.send_span >= trial_->begin;
  if (!shows) losses_.clear();
  const double expected = losses_.datagrams() * trial_->loss;
  const bool is_unanswered = losses_.lost() >= kAnsweredShare * std::max(expected, kPlainLosses);
  const bool is_over = expected >= kPlainLosses || now >= trial_->begin + kLongestLossTrial;
  if (!shows || (!is_unanswered && !is_over)) return Verdict::kNothing;
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
  last_trial_ = last_met_ = now;
  growth_ = 0;
  last_empty_ = now;
  losses_.clear();
  if (found == Limit::kNone) {
    rate_ = trial.former_rate;
    return;
  }
  capacity_ = trial.delivered;
  is_policed_ = found == Limit::kPolicer;
  policed_ = {capacity_, capacity_, now, 0};
  rate_ = capacity_ * kPolicedMargin;
  next_growth_ = now + kReportDelay;
  recent_.clear();
}

}  // namespace sennit::link
