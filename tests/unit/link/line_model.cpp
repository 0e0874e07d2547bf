#include "unit/link/line_model.hpp"

#include <algorithm>
#include <utility>

namespace sennit::link {

namespace {

using namespace std::chrono_literals;

constexpr double kPacket = 1500;
constexpr base::Duration kStep = 250us;
constexpr base::Duration kReportInterval = 25ms;

base::Duration duration_of(double seconds) {
  return base::Duration(static_cast<std::int64_t>(seconds * 1e9));
}

}  // namespace

void LineModel::run(double offered, base::Duration how_long) {
  const double step = base::to_seconds(kStep);
  for (const auto end = now_ + how_long; now_ < end; now_ += kStep) {
    const auto allowed = static_cast<double>(capacity.rate().bits_per_second);
    const bool is_limited = allowed > 0 && allowed < offered;
    credit_ = std::min(credit_ + (is_limited ? allowed : offered) * step / 8, 10 * kPacket);
    cross_credit_ += line_.cross * step / 8;
    tokens_ = std::min(tokens_ + line_.policed * step / 8, line_.bucket);
    for (; cross_credit_ >= kPacket; cross_credit_ -= kPacket) through_line(kPacket);
    for (; credit_ >= kPacket; credit_ -= kPacket) send(is_limited && !line_.has_others);
    receive();
    for (; !reports_.empty() && reports_.front().at <= now_; reports_.pop_front()) heed(reports_.front());
    capacity.relax(now_);
    const auto limit = capacity.saturation(now_);
    seen_.saturated += limit != Limit::kNone ? 1 : 0;
    ++seen_steps_;
    if (limit != Limit::kNone && (seen_.limits.empty() || seen_.limits.back() != limit))
      seen_.limits.push_back(limit);
  }
}

// When it leaves the wire; none: it was dropped.
std::optional<base::Instant> LineModel::through_line(double bytes) {
  if (line_.policed > 0) {
    if (tokens_ < bytes) return std::nullopt;
    tokens_ -= bytes;
  }
  const auto starts = std::max(wire_free_, now_);
  if (starts - now_ > line_.buffer) return std::nullopt;
  return wire_free_ = starts + duration_of(bytes * 8 / line_.rate);
}

void LineModel::send(bool was_limited) {
  const auto waits = std::max(wire_free_ - now_, base::Duration::zero());
  const auto counter = next_counter_++;
  limited_.push_back((limited_.empty() ? 0 : limited_.back()) + (was_limited ? 1 : 0));
  const auto leaves = through_line(kPacket);
  if (!leaves || rng_.uniform() < line_.loss) return;
  seen_.queue_ms += base::to_milliseconds(waits);
  ++seen_packets_;
  under_way_.push_back({counter, now_, *leaves + line_.delay, was_limited});
}

void LineModel::receive() {
  while (!under_way_.empty() && under_way_.front().arrival <= now_) {
    const auto& datagram = under_way_.front();
    const auto delay = datagram.arrival - datagram.sent_at;
    least_delay_ = least_delay_ ? std::min(*least_delay_, delay) : delay;
    highest_ = datagram;
    ++received_;
    under_way_.pop_front();
  }
  if (now_ < next_report_ || !least_delay_) return;
  reports_.push_back({now_ + line_.delay, *highest_, *least_delay_, received_});
  least_delay_.reset();
  next_report_ = now_ + kReportInterval;
}

void LineModel::heed(const Report& report) {
  way_out_.add(report.least_delay, now_);
  const auto before = std::exchange(last_, report);
  if (!before) return;
  Delivery delivery;
  const auto sent = report.highest.counter - before->highest.counter;
  const auto received = report.received - before->received;
  delivery.sent_at = report.highest.sent_at;
  delivery.send_span = report.highest.sent_at - before->highest.sent_at;
  delivery.span = report.highest.arrival - before->highest.arrival;
  delivery.sent = {sent * static_cast<std::uint64_t>(kPacket)};
  delivery.delivered = {received * static_cast<std::uint64_t>(kPacket)};
  delivery.datagrams_sent = static_cast<std::uint32_t>(sent);
  delivery.datagrams_lost = static_cast<std::uint32_t>(sent - std::min(sent, received));
  delivery.queue = way_out_.queue();
  delivery.rtt = report.highest.arrival - report.highest.sent_at + line_.delay;
  const auto limited = limited_[report.highest.counter] - limited_[before->highest.counter];
  delivery.was_limited = limited * 5 >= sent * 4;
  if (sent == 0 || delivery.span <= base::Duration::zero()) return;
  if (capacity.add(delivery, now_) != Verdict::kForeignDelay) return;
  ++seen_.foreign;
  way_out_.rebase(now_);
}

LineModel::Seen LineModel::take() {
  auto seen = std::exchange(seen_, {});
  const double seconds = base::to_seconds(now_ - std::exchange(seen_since_, now_));
  const auto packets = static_cast<double>(std::exchange(seen_packets_, 0));
  seen.goodput = packets * kPacket * 8 / seconds;
  seen.queue_ms /= std::max(packets, 1.0);
  seen.saturated /= std::exchange(seen_steps_, 0);
  return seen;
}

}  // namespace sennit::link
