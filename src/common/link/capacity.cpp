// Theory of operation: while a path's queue is not empty, what arrives is what the path carries; so capacity
// is measured, not guessed, whenever there is a queue, and the art is to keep that queue small. An *open*
// path is watched: a queue or loss above the ordinary calls for a *trial*, in which less is sent. If delay or
// loss answers, the path was saturated, and it is *held*: the rate follows the capacity, corrected so that
// the queue comes to its target. Without any queue the search goes on upwards, in steps that double. If
// nothing answers, the delay is another route's or somebody else's, and the loss is the link's own.
#include "link/capacity.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace sennit::link {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::Duration kLeastTarget = milliseconds(3);
constexpr base::Duration kMostTarget = milliseconds(25);
constexpr base::Duration kShortestWindow = milliseconds(100);
constexpr base::Duration kLasting = seconds(1);
constexpr base::Duration kLeastBusy = milliseconds(60);
constexpr base::Duration kLongestWindow = seconds(1);
constexpr base::Duration kShortestHorizon = milliseconds(150);
constexpr base::Duration kPause = milliseconds(400);
constexpr base::Duration kRelaxAfter = seconds(2);
constexpr base::Duration kRelaxEvery = milliseconds(500);
constexpr double kRelaxation = 1.5;
constexpr double kWorthTrying = 500'000;
constexpr double kWatchMargin = 0.05;
constexpr double kFirstGrowth = 0.02;
constexpr double kMostGrowth = 0.5;
constexpr double kConfirmed = 0.05;
constexpr base::Duration kPolicedPause = seconds(3);
constexpr base::Duration kPolicedMemory = seconds(10);
constexpr double kFall = 0.1;
constexpr unsigned kMostFalls = 3;
constexpr base::Duration kLossWindow = milliseconds(300);
constexpr double kAttempt = 0.06;
constexpr double kFullShare = 0.98;
constexpr double kNearlyAll = 0.9;
constexpr base::Duration kShortAfter = seconds(2);
constexpr base::Duration kAttemptEvery = seconds(2);
constexpr base::Duration kDrainEvery = seconds(5);
constexpr base::Duration kSaturatedFor = milliseconds(800);

double seconds_of(base::Duration duration) {
  return base::to_seconds(duration);
}

base::Duration duration_of(double seconds_long) {
  return base::Duration(static_cast<std::int64_t>(seconds_long * 1e9));
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
  rate_ = capacity_ = met_capacity_ = told_;
  trial_.reset();
  drain_.reset();
}

void Capacity::restart() {
  Capacity fresh;
  fresh.told_ = fresh.rate_ = fresh.capacity_ = fresh.met_capacity_ = told_;
  fresh.highest_ = highest_;
  fresh.is_fast_ = is_fast_;
  *this = fresh;
}

base::BitRate Capacity::rate() const {
  return rate_ > kFastest ? base::BitRate{} : to_rate(rate_);
}

Verdict Capacity::add(const Delivery& delivery, base::Instant now) {
  const bool is_after_pause = delivery.span > kPause && !delivery.was_limited;
  if (is_after_pause) {
    forget_recent();
  } else {
    take_note(delivery, now);
  }
  auto verdict = Verdict::kNothing;
  if (detect_foreign(delivery, now)) {
    verdict = end_as_foreign(now);
  } else if (is_after_pause) {
    return verdict;
  } else if (trial_) {
    verdict = judge_trial(delivery, now);
  } else if (detect_suspicious(delivery, now)) {
    begin_trial(delivery, loses() && delivery.queue < target(), now);
  } else if (rate_ > 0) {
    hold(delivery, now);
  } else {
    watch(delivery, now);
  }
  note_saturation(delivery, now);
  return verdict;
}

void Capacity::take_note(const Delivery& delivery, base::Instant now) {
  last_used_ = now;
  if (delivery.datagrams_sent > 0)
    packet_bits_ = 8.0 * static_cast<double>(delivery.sent.value) / delivery.datagrams_sent;
  recent_.add(delivery, window_length(delivery));
  losses_.add(delivery, trial_ ? 2 * kLongestLossTrial : std::max(window_length(delivery), kLossWindow));
  if (!trial_ && losses_.loss() < random_loss_) random_loss_ -= (random_loss_ - losses_.loss()) / 1024;
  note_highest(delivery);
  note_noise(delivery);
  note_busy(delivery);
}

// Over a second, in which what a policer lets through at once counts for little.
void Capacity::note_highest(const Delivery& delivery) {
  lasting_.add(delivery, kLasting);
  if (lasting_.span() >= kLasting) highest_ = std::max(highest_, bits(lasting_.delivery_rate()));
  if (recent_.span() >= kShortestWindow && bits(recent_.delivery_rate()) > kFastest) is_fast_ = true;
}

// There was a pause: what is measured across it is the application's.
void Capacity::forget_recent() {
  recent_.clear();
  lasting_.clear();
  losses_.clear();
  busy_.clear();
  had_queue_ = false;
  suspicions_ = standing_ = 0;
  drain_.reset();
  attempt_.reset();
  full_since_.reset();
}

void Capacity::relax(base::Instant now) {
  if (rate_ == 0 || told_ > 0 || now - last_used_ < kRelaxAfter) return;
  const double best = std::max({highest_, met_capacity_, kWorthTrying});
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
  return target_at(capacity_ > 0 ? capacity_ : bits(recent_.delivery_rate()));
}

base::Duration Capacity::target_at(double capacity) const {
  const auto packet = duration_of(1.5 * packet_bits_ / std::max(capacity, kLeastRate));
  return std::clamp(std::max(packet, 2 * noise_), kLeastTarget, std::max(kMostTarget, packet));
}

// From a change of the rate until it shows.
base::Duration Capacity::round(const Delivery& delivery) const {
  return delivery.rtt + kReportDelay;
}

// How soon a queue that is too long is to be gone.
base::Duration Capacity::horizon(const Delivery& delivery) const {
  return std::max(kShortestHorizon, 3 * (delivery.rtt / 2 + kReportDelay));
}

void Capacity::note_noise(const Delivery& delivery) {
  const auto step = std::chrono::abs(delivery.queue - std::exchange(last_queue_, delivery.queue));
  noise_ += (std::min<base::Duration>(step, kMostTarget) - noise_) / 16;
}

// An open path whose queue does not go away is full, or nearly: it is held a little above what arrives, and
// the search finds out.
void Capacity::watch(const Delivery& delivery, base::Instant now) {
  const double measured = bits(recent_.delivery_rate());
  standing_ =
      delivery.queue > target() && !is_fast_ && recent_.datagrams() >= kLeastEvidence ? standing_ + 1 : 0;
  if (standing_ < kSuspicions) return;
  standing_ = 0;
  capacity_ = met_capacity_ = measured;
  growth_ = kWatchMargin;
  rate_ = capacity_ * (1 + growth_);
  next_growth_ = now + round(delivery);
  last_empty_ = now;
}

// What arrives tells the capacity only while the queue never runs empty.
void Capacity::note_busy(const Delivery& delivery) {
  const bool has_queue = delivery.queue >= target() / 2;
  if (!has_queue) busy_.clear();
  if (has_queue && had_queue_) busy_.add(delivery, window_length(delivery));
  had_queue_ = has_queue;
}

// What arrives as it was sent says only that the path carries so much: it is less than was believed where as
// much was sent, and where more arrives than was sent, out of a queue.
bool Capacity::is_measured() const {
  const double arrived = bits(busy_.delivery_rate());
  const double sent = bits(busy_.send_rate());
  return busy_.span() >= kLeastBusy &&
         (arrived >= capacity_ || sent >= kFullShare * capacity_ || arrived > (2 - kFullShare) * sent);
}

void Capacity::note_full(const Delivery& delivery, base::Instant now) {
  const bool is_full = bits(recent_.send_rate()) >= kNearlyAll * capacity_ && delivery.queue < target() / 3;
  if (!is_full) full_since_.reset();
  if (is_full && !full_since_) full_since_ = now;
}

// More was waiting; or the path takes all that it may without a queue, and has for a while: who finds it
// taken may have gone elsewhere instead of waiting.
bool Capacity::is_short(const Delivery& delivery, base::Instant now) const {
  return delivery.was_limited || (full_since_ && now - *full_since_ > kShortAfter);
}

void Capacity::hold(const Delivery& delivery, base::Instant now) {
  note_drain(delivery, now);
  note_full(delivery, now);
  if (!drain_ && !is_short(delivery, now) && (delivery.queue < target() || is_nearly_idle())) return;
  if (is_policed_ && loses()) {
    heed_policer(now);
    return;
  }
  if (delivery.queue >= target() / 2) {
    is_policed_ = false;
    if (is_measured()) take_capacity(bits(busy_.delivery_rate()));
    growth_ = 0;
    next_growth_ = now + round(delivery);
    attempt(delivery, now);
  } else if (is_short(delivery, now)) {
    search(delivery, now);
  }
  const auto goal = drain_ ? -target() / 2 : target();
  const double correction =
      std::clamp(seconds_of(goal - delivery.queue) / seconds_of(horizon(delivery)), -0.5, 0.05);
  const double margin = is_policed_ ? kPolicedMargin : 1 + correction;
  rate_ = std::max(kLeastRate, capacity_ * (margin + growth_));
  if (told_ > 0) rate_ = std::min(rate_, told_);
}

// What came through while it dropped is what it lets through. Where ever less is sent and still too much
// lost, the loss is the line's own.
void Capacity::heed_policer(base::Instant now) {
  take_capacity(bits(losses_.losing_rate()));
  const double before = policed_.rate;
  if (now - policed_.last > kPolicedMemory) policed_ = {before, before, now, 0};
  policed_.rate = capacity_;
  policed_.last = now;
  if (capacity_ < (1 - kFall) * policed_.lowest) {
    policed_.lowest = capacity_;
    ++policed_.falls;
  }
  if (policed_.falls > kMostFalls) {
    take_loss_as_own(now);
    return;
  }
  const bool is_confirmed = std::abs(capacity_ - before) < kConfirmed * before;
  losses_.clear();
  growth_ = 0;
  next_growth_ = now + (is_confirmed ? kPolicedPause : kReportDelay);
  rate_ = capacity_ * kPolicedMargin;
}

// There is no policer.
void Capacity::take_loss_as_own(base::Instant now) {
  random_loss_ = std::max(random_loss_, losses_.loss());
  rate_ = capacity_ = told_;
  growth_ = 0;
  is_policed_ = false;
  last_trial_ = last_met_ = last_empty_ = now;
  losses_.clear();
}

// A delay that wavers by itself looks like a queue near its target, at any rate: now and then more is sent,
// and if more arrives, the path was not full.
void Capacity::attempt(const Delivery& delivery, base::Instant now) {
  if (!delivery.was_limited || drain_ || delivery.queue > target() + kHighQueue) {
    attempt_.reset();
    next_attempt_ = now + kAttemptEvery;
    return;
  }
  double share = kAttempt;
  if (attempt_ && now > attempt_->end) {
    const bool has_grown = capacity_ > (1 + attempt_->share / 2) * attempt_->capacity;
    share = std::min(2 * attempt_->share, kMostGrowth);
    attempt_.reset();
    if (!has_grown) next_attempt_ = now + kAttemptEvery;
  }
  if (!attempt_ && now >= next_attempt_)
    attempt_ = Attempt{now + round(delivery) + window_length(delivery), share, capacity_};
  if (attempt_) growth_ = attempt_->share;
}

// Now and then the queue is to be seen empty: less is sent, and for so long that it would be gone twice.
void Capacity::note_drain(const Delivery& delivery, base::Instant now) {
  const bool grows = drain_ && delivery.queue > drain_->queue * 5 / 4;
  if (delivery.queue < target() / 3 || grows || is_policed_) {
    last_empty_ = now;
    drain_.reset();
  } else if (!drain_ && now - last_empty_ > kDrainEvery) {
    drain_ = Drain{now + 2 * horizon(delivery), delivery.queue};
  }
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
