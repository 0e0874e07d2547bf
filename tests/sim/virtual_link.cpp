#include "sim/virtual_link.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace sennit::sim {

namespace {

base::Duration time_on_wire(std::uint64_t bytes, base::BitRate rate) {
  return std::chrono::nanoseconds(bytes * 8 * 1'000'000'000 / rate.bits_per_second);
}

}  // namespace

bool VirtualLink::is_in_burst() {
  const auto& [share, mean_length] = conditions.burst_loss;
  if (share <= 0) return in_burst_ = false;
  const double change = in_burst_ ? 1 / mean_length : share / (1 - share) / mean_length;
  if (happens(change)) in_burst_ = !in_burst_;
  return in_burst_;
}

bool VirtualLink::is_policed(std::uint64_t ip_size, base::Instant now) {
  const auto& [rate, burst] = conditions.policer;
  if (rate.bits_per_second == 0) return false;
  const double most = static_cast<double>(burst.value) * 8;
  const double earned =
      tokens_at_ ? static_cast<double>(rate.bits_per_second) * base::to_seconds(now - *tokens_at_) : most;
  tokens_ = std::min(most, tokens_ + earned);
  tokens_at_ = now;
  const double cost = static_cast<double>(ip_size) * 8;
  if (cost > tokens_) return true;
  tokens_ -= cost;
  return false;
}

bool VirtualLink::is_queue_full(base::Instant now) const {
  if (is_unlimited(now)) return false;
  const auto rate = rate_at(now);
  const auto limit = conditions.queue_bytes.value;
  if (limit > 0 && rate.bits_per_second > 0 && wait(now) > time_on_wire(limit, rate)) return true;
  return wait(now) > conditions.queue;
}

bool VirtualLink::is_dropped(std::uint64_t ip_size, base::Instant now) {
  if (conditions.is_out || happens(conditions.loss) || is_in_burst()) {
    ++counters_.lost;
    return true;
  }
  if (ip_size > conditions.mtu.value) {
    ++counters_.too_big;
    return true;
  }
  if (is_policed(ip_size, now)) {
    ++counters_.policed;
    return true;
  }
  if (waits_ != nullptr) waits_->add(base::to_milliseconds(wait(now)));
  const bool is_full = is_queue_full(now);
  if (is_full) ++counters_.queue_drops;
  return is_full;
}

bool VirtualLink::is_unlimited(base::Instant when) const {
  return conditions.rate.bits_per_second == 0 && (steps_.empty() || when < steps_.front().from);
}

base::BitRate VirtualLink::rate_at(base::Instant when) const {
  const auto later = std::ranges::upper_bound(steps_, when, {}, &RateStep::from);
  return later == steps_.begin() ? conditions.rate : std::prev(later)->rate;
}

base::Instant VirtualLink::serialise(std::uint64_t ip_size, base::Instant now) {
  auto at = std::max(busy_until_, now);
  while (steps_.size() > 1 && steps_[1].from <= now) steps_.pop_front();
  if (is_unlimited(at)) return now;
  double bits = static_cast<double>(ip_size) * 8;
  while (true) {
    const double rate = static_cast<double>(rate_at(at).bits_per_second);
    const auto step = std::ranges::upper_bound(steps_, at, {}, &RateStep::from);
    const double room = step == steps_.end() ? bits : rate * base::to_seconds(step->from - at);
    if (bits <= room) {
      busy_until_ = at + std::chrono::nanoseconds(std::llround(bits * 1e9 / rate));
      return busy_until_;
    }
    bits -= room;
    at = step->from;
  }
}

base::Instant VirtualLink::arrival_of(base::Instant departure) {
  base::Instant arrival = departure + conditions.delay;
  if (conditions.jitter > base::Duration::zero()) {
    arrival += base::Duration(rng_.below(static_cast<std::uint64_t>(conditions.jitter.count())));
  }
  if (happens(conditions.reorder)) return arrival + conditions.reorder_delay;
  last_arrival_ = std::max(last_arrival_, arrival);
  return last_arrival_;
}

std::vector<VirtualLink::Arrival> VirtualLink::push(Bytes datagram, base::Family family, base::Instant now) {
  const std::uint64_t ip_size = datagram.size() + base::outer_overhead(family);
  ++counters_.offered;
  std::vector<Arrival> arrivals;
  if (is_dropped(ip_size, now)) return arrivals;
  const auto departure = serialise(ip_size, now);
  ++counters_.carried;
  counters_.carried_bytes += ip_size;
  if (happens(conditions.corrupt) && !datagram.empty()) {
    const auto bit = rng_.below(datagram.size() * 8);
    datagram[bit / 8] = static_cast<std::uint8_t>(datagram[bit / 8] ^ (1U << (bit % 8)));
  }
  if (happens(conditions.duplicate)) arrivals.push_back({arrival_of(departure), datagram});
  arrivals.push_back({arrival_of(departure), std::move(datagram)});
  return arrivals;
}

}  // namespace sennit::sim
