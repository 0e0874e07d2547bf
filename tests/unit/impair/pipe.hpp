// A chain in virtual time: packets go in at given times, and what comes out is written down, each at the
// wake-up that the chain asked for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "impair/chain.hpp"

namespace sennit::impair {

constexpr base::Instant kStart{std::chrono::hours(1)};

struct Arrival {
  base::Instant at;
  Emission emission;
  std::uint32_t number() const { return emission.packet.buffer.value; }
};

class Pipe {
 public:
  explicit Pipe(const Settings& settings, Seed seed = {1}) : chain_(pool_, settings, seed, kStart) {}

  // Lets time pass until `at`, then gives the chain a packet; packets are numbered from zero.
  void send(base::Instant at, Packet packet) {
    run_until(at);
    packet.buffer = {sent_++};
    chain_.push(packet, at);
    collect(at);
  }
  void send(base::Instant at, std::uint32_t size = 1500) { send(at, Packet{.size = size}); }
  // `count` packets, one every `gap`.
  void send_many(std::uint32_t count, base::Duration gap, std::uint32_t size = 1500) {
    for (std::uint32_t i = 0; i < count; ++i) send(next_ + i * gap, size);
    next_ += count * gap;
  }
  void run_until(base::Instant end) {
    for (auto at = chain_.next_wakeup(); at <= end && at != base::kNever; at = chain_.next_wakeup())
      collect(at);
  }
  // Lets everything out.
  void finish() { run_until(base::kNever - base::Duration(1)); }
  void change(const Settings& settings, base::Instant at) {
    run_until(at);
    chain_.change(settings, at);
    collect(at);
  }

  Chain& chain() { return chain_; }
  PacketPool& pool() { return pool_; }
  const std::vector<Arrival>& all() const { return arrivals_; }
  std::vector<Arrival> with(Fate fate) const {
    std::vector<Arrival> chosen;
    for (const auto& arrival : arrivals_) {
      if (arrival.emission.fate == fate) chosen.push_back(arrival);
    }
    return chosen;
  }
  std::vector<Arrival> delivered() const { return with(Fate::kDelivered); }
  std::vector<std::uint32_t> numbers() const {
    std::vector<std::uint32_t> numbers;
    for (const auto& arrival : delivered()) numbers.push_back(arrival.number());
    return numbers;
  }

 private:
  void collect(base::Instant now) {
    while (const auto emission = chain_.pop(now)) arrivals_.push_back({now, *emission});
  }

  PacketPool pool_;
  Chain chain_;
  base::Instant next_ = kStart;
  std::uint32_t sent_ = 0;
  std::vector<Arrival> arrivals_;
};

// The most bytes by which arrivals exceed rate x time in any window, first and last packet included: what a
// bucket would have had to hold.
inline double largest_burst(const std::vector<Arrival>& arrivals, base::BitRate rate) {
  double level = 0;
  double worst = 0;
  base::Instant last = kStart;
  for (const auto& [at, emission] : arrivals) {
    level -= base::to_seconds(at - last) * static_cast<double>(rate.bits_per_second) / 8;
    level = std::max(level, 0.0) + emission.packet.size;
    worst = std::max(worst, level);
    last = at;
  }
  return worst;
}

// Bits a second between the first and the last arrival, the first packet not counted.
inline double mean_rate(const std::vector<Arrival>& arrivals) {
  double bits = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) bits += arrivals[i].emission.packet.size * 8.0;
  return bits / base::to_seconds(arrivals.back().at - arrivals.front().at);
}

}  // namespace sennit::impair
