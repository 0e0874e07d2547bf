#include "link_emulator/direction.hpp"

#include <algorithm>
#include <utility>

namespace link_emulator {

namespace {

constexpr std::size_t kEthernetHeader = 14;
// Who is due so soon is delivered now: it saves wake-ups.
constexpr base::Duration kSoon = std::chrono::microseconds(75);

std::uint64_t size_of(const Frame& frame) {
  return frame.size() > kEthernetHeader ? frame.size() - kEthernetHeader : 0;
}

double bytes_in(base::BitRate rate, base::Duration time) {
  return static_cast<double>(rate.bits_per_second) / 8 * base::to_seconds(time);
}

base::Duration seconds(double value) {
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(value));
}

}  // namespace

void Direction::push(Frame frame, base::Instant now) {
  const auto size = size_of(frame);
  serve(now);
  statistics_.offered.add(size);
  if (conditions_.is_silent) {
    ++statistics_.silenced;
  } else if (is_policed(size, now)) {
    ++statistics_.policed;
  } else if (!conditions_.rate) {
    launch(std::move(frame), now);
  } else if (is_queue_full(now)) {
    ++statistics_.overflowed;
  } else {
    queue_.push_back({std::move(frame), now});
    queued_bytes_ += size;
    if (queue_.size() == 1) start_next(now);
  }
}

void Direction::pop_due(base::Instant now, std::vector<Frame>& out) {
  serve(now);
  for (; !flying_.empty() && flying_.front().arrival <= now + kSoon; flying_.pop_front()) {
    auto& [frame, arrival] = flying_.front();
    if (conditions_.is_silent) {
      ++statistics_.silenced;
      continue;
    }
    statistics_.delivered.add(size_of(frame));
    statistics_.lateness.push_back(now - arrival);
    out.push_back(std::move(frame));
  }
}

base::Instant Direction::next_wakeup() const {
  if (!flying_.empty()) return flying_.front().arrival;
  return queue_.empty() ? base::kNever : head_done_ + conditions_.delay;
}

void Direction::set(const Conditions& conditions, base::Instant now) {
  serve(now);
  const auto before = conditions_;
  conditions_ = conditions;
  if (conditions_.policer != before.policer) tokens_ = static_cast<double>(conditions_.policer_burst.value);
  if (queue_.empty() || conditions_.rate == before.rate) return;
  if (!conditions_.rate) {
    for (auto& waiting : queue_) launch(std::move(waiting.frame), now);
    queue_.clear();
    queued_bytes_ = 0;
  } else {
    head_done_ = now + time_on_wire(bytes_in(*before.rate, head_done_ - now));
  }
}

bool Direction::is_policed(std::uint64_t size, base::Instant now) {
  if (!conditions_.policer) return false;
  tokens_ = std::min(tokens_ + bytes_in(*conditions_.policer, now - tokens_at_),
                     static_cast<double>(conditions_.policer_burst.value));
  tokens_at_ = now;
  const auto wanted = static_cast<double>(size);
  if (tokens_ < wanted) return true;
  tokens_ -= wanted;
  return false;
}

bool Direction::is_queue_full(base::Instant now) const {
  if (queue_.empty()) return false;
  if (conditions_.queue_bytes) return queued_bytes_ >= conditions_.queue_bytes->value;
  const auto behind = static_cast<double>(queued_bytes_ - size_of(queue_.front().frame));
  return head_done_ - now + time_on_wire(behind) > *conditions_.queue_time;
}

bool Direction::draw_loss() {
  bool lost = rng_.uniform() < conditions_.loss;
  if (conditions_.bursts) {
    const auto& model = *conditions_.bursts;
    if (rng_.uniform() < (is_bad_ ? model.leave_bad : model.enter_bad)) is_bad_ = !is_bad_;
    if (rng_.uniform() < (is_bad_ ? model.loss_in_bad : model.loss_in_good)) lost = true;
  }
  return lost;
}

base::Duration Direction::time_on_wire(double bytes) const {
  return seconds(bytes * 8 / static_cast<double>(conditions_.rate->bits_per_second));
}

void Direction::serve(base::Instant now) {
  while (!queue_.empty() && head_done_ <= now) {
    auto frame = std::move(queue_.front().frame);
    queue_.pop_front();
    queued_bytes_ -= size_of(frame);
    const auto departure = head_done_;
    if (!queue_.empty()) start_next(departure);
    launch(std::move(frame), departure);
  }
}

void Direction::start_next(base::Instant now) {
  const auto& [frame, since] = queue_.front();
  statistics_.waits.push_back(now - since);
  head_done_ = now + time_on_wire(static_cast<double>(size_of(frame)));
}

void Direction::launch(Frame frame, base::Instant departure) {
  if (draw_loss()) {
    ++statistics_.lost;
    return;
  }
  const auto jitter = seconds(base::to_seconds(conditions_.jitter) * rng_.uniform());
  last_arrival_ = std::max(last_arrival_, departure + conditions_.delay + jitter);
  flying_.push_back({std::move(frame), last_arrival_});
}

}  // namespace link_emulator
