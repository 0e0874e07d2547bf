#include "sim/virtual_link.hpp"

#include <algorithm>

namespace sennit::sim {

namespace {

base::Duration time_on_wire(std::uint64_t bytes, base::BitRate rate) {
  return std::chrono::nanoseconds(bytes * 8 * 1'000'000'000 / rate.bits_per_second);
}

}  // namespace

bool VirtualLink::is_dropped(std::uint64_t ip_size, base::Instant now) {
  if (conditions.is_out || happens(conditions.loss)) {
    ++counters_.lost;
    return true;
  }
  if (ip_size > conditions.mtu.value) {
    ++counters_.too_big;
    return true;
  }
  if (conditions.rate.bits_per_second == 0) return false;
  const auto wait = std::max(base::Duration::zero(), busy_until_ - now);
  const auto limit = conditions.queue_bytes.value;
  const bool is_full = wait > conditions.queue || (limit > 0 && wait > time_on_wire(limit, conditions.rate));
  if (is_full) ++counters_.queue_drops;
  return is_full;
}

base::Instant VirtualLink::serialise(std::uint64_t ip_size, base::Instant now) {
  if (conditions.rate.bits_per_second == 0) return now;
  busy_until_ = std::max(busy_until_, now) + time_on_wire(ip_size, conditions.rate);
  return busy_until_;
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
