#include "sim/scoreboard.hpp"

#include <algorithm>
#include <utility>

namespace sennit::sim {

std::uint64_t Scoreboard::transmit(std::uint64_t place, base::Instant now, bool is_limited) {
  if (in_flight_ == 0) first_sent_at_ = delivered_at_ = now;
  const auto number = transmitted();
  if (place == segments_end()) segments_.emplace_back();
  auto& sent = entry(place);
  sent.state = State::kInFlight;
  sent.transmission = number;
  if (++sent.sent == 2) sent.repeated_at = now;
  lost_.erase(place);
  ++in_flight_;
  log_.push_back({place, now, delivered_, delivered_at_, first_sent_at_, is_limited});
  return number;
}

void Scoreboard::take_sample(const Entry& entry, const Transmission& transmission, std::uint64_t number,
                             base::Instant now) {
  const auto rtt = now - transmission.sent_at;
  // The answer to a repeated segment that is faster than light is the answer to an earlier one.
  if (entry.sent > 1 && rtt < least_rtt_) return;
  if (entry.sent == 1) {
    delivery_.rtt = rtt;
    least_rtt_ = std::min(least_rtt_, rtt);
  }
  if (!newest_ || number > *newest_) {
    newest_ = number;
    newest_rtt_ = rtt;
  }
  if (!sampled_ || transmission.delivered >= sampled_->delivered) sampled_ = transmission;
}

void Scoreboard::deliver(std::uint64_t place, std::uint64_t transmission, base::Instant now) {
  auto& segment = entry(place);
  if (segment.state == State::kDelivered) return;
  if (segment.state == State::kInFlight) --in_flight_;
  if (segment.state == State::kLost) lost_.erase(place);
  if (segment.state == State::kLost || segment.transmission != transmission) ++delivery_.spurious;
  segment.state = State::kDelivered;
  ++delivered_;
  ++delivered_above_;
  ++delivery_.segments;
  if (segment.sent == 1 && place < highest_place_) {
    delivery_.reordering = std::max(delivery_.reordering, highest_place_ - place);
  }
  highest_place_ = std::max(highest_place_, place);
  take_sample(segment, log_[transmission - log_base_], transmission, now);
}

void Scoreboard::deliver_places(NumberRange range, base::Instant now) {
  const auto end = std::min(range.end, segments_end());
  for (auto place = std::max(range.first, base_); place < end; ++place)
    deliver(place, entry(place).transmission, now);
}

std::optional<base::Instant> Scoreboard::lowest_repeated_at() const {
  if (segments_.empty() || segments_.front().sent < 2) return std::nullopt;
  return segments_.front().repeated_at;
}

void Scoreboard::deliver_below(std::uint64_t place, base::Instant now) {
  deliver_places({base_, place}, now);
}

void Scoreboard::deliver_transmissions(NumberRange range, base::Instant now) {
  const auto end = std::min(range.end, transmitted());
  for (auto number = std::max(range.first, log_base_); number < end; ++number) {
    const auto place = log_[number - log_base_].place;
    if (place >= base_) deliver(place, number, now);
  }
}

Scoreboard::Delivery Scoreboard::finish(base::Instant now) {
  auto delivery = std::exchange(delivery_, {});
  if (delivery.segments > 0) delivered_at_ = now;
  if (const auto sample = std::exchange(sampled_, std::nullopt)) {
    first_sent_at_ = sample->sent_at;
    const auto interval = std::max(sample->sent_at - sample->first_sent_at, now - sample->delivered_at);
    if (interval >= least_rtt_ && interval > base::Duration::zero()) {
      delivery.rate = {static_cast<double>(delivered_ - sample->delivered) / base::to_seconds(interval),
                       sample->delivered, sample->is_limited};
    }
  }
  forget();
  return delivery;
}

void Scoreboard::forget() {
  while (!segments_.empty() && segments_.front().state == State::kDelivered) {
    segments_.pop_front();
    ++base_;
    --delivered_above_;
  }
  while (!log_.empty() && log_.front().place < base_) {
    log_.pop_front();
    ++log_base_;
  }
  scanned_ = std::max(scanned_, log_base_);
}

void Scoreboard::give_up(std::uint64_t place) {
  entry(place).state = State::kLost;
  lost_.insert(place);
  lost_end_ = std::max(lost_end_, entry(place).transmission + 1);
  --in_flight_;
}

bool Scoreboard::is_under_way(std::uint64_t place, std::uint64_t transmission) {
  if (place < base_) return false;
  const auto& segment = entry(place);
  return segment.state == State::kInFlight && segment.transmission == transmission;
}

std::uint64_t Scoreboard::give_up_believed(base::Instant now) {
  std::uint64_t losses = 0;
  for (; !believed_.empty() && believed_.front().deadline <= now; believed_.pop_front()) {
    if (!is_under_way(believed_.front().place, believed_.front().transmission)) continue;
    give_up(believed_.front().place);
    ++losses;
  }
  due_ = believed_.empty() ? base::kNever : believed_.front().deadline;
  return losses;
}

std::uint64_t Scoreboard::detect_losses(const LossRule& rule, base::Instant now) {
  std::uint64_t losses = give_up_believed(now);
  for (; newest_ && scanned_ < *newest_; ++scanned_) {
    const auto& transmission = log_[scanned_ - log_base_];
    if (!is_under_way(transmission.place, scanned_)) continue;
    const bool is_overtaken = rule.transmissions > 0 && scanned_ + rule.transmissions <= *newest_;
    if (!is_overtaken && transmission.sent_at + rule.wait > now) {
      due_ = std::min(due_, transmission.sent_at + rule.wait);
      break;
    }
    give_up(transmission.place);
    ++losses;
  }
  return losses;
}

std::uint64_t Scoreboard::lose_all() {
  std::uint64_t losses = 0;
  for (auto place = base_; place < segments_end(); ++place) {
    if (entry(place).state != State::kInFlight) continue;
    give_up(place);
    ++losses;
  }
  believed_.clear();
  scanned_ = transmitted();
  due_ = base::kNever;
  return losses;
}

void Scoreboard::believe_in(base::Instant deadline) {
  for (const auto place : lost_) {
    entry(place).state = State::kInFlight;
    believed_.push_back({place, entry(place).transmission, deadline});
    ++in_flight_;
  }
  lost_.clear();
}

}  // namespace sennit::sim
