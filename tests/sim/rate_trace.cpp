#include "sim/rate_trace.hpp"

#include <algorithm>
#include <cmath>

namespace sennit::sim {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration kStep = 100ms;

// Twelve uniform numbers make a normal one: no library's generator has to repeat the same way everywhere.
double normal(base::Rng& rng) {
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += rng.uniform();
  return sum - 6;
}

}  // namespace

std::vector<RateStep> radio_steps(const RadioTrace& trace, base::Instant start, base::Duration length,
                                  base::Rng rng) {
  std::vector<RateStep> steps;
  const double keep = std::exp(-base::to_seconds(kStep) / base::to_seconds(trace.memory));
  const double hand_over = base::to_seconds(kStep) / base::to_seconds(trace.between_hand_overs);
  double wander = 0;
  auto silent_until = start;
  for (auto at = start; at < start + length; at += kStep) {
    wander = keep * wander + std::sqrt(1 - keep * keep) * trace.spread * normal(rng);
    if (rng.uniform() < hand_over) silent_until = at + trace.hand_over;
    const double factor = std::exp(wander - trace.spread * trace.spread / 2);
    const double rate = at < silent_until ? 0 : static_cast<double>(trace.mean.bits_per_second) * factor;
    steps.push_back({at, {static_cast<std::uint64_t>(rate)}});
  }
  steps.push_back({start + length, trace.mean});
  return steps;
}

base::BitRate mean_rate(const std::vector<RateStep>& steps, base::BitRate before, base::Instant from,
                        base::Instant until) {
  double bits = 0;
  auto rate = before;
  auto at = from;
  const auto add_until = [&](base::Instant end) {
    if (end <= at) return;
    bits += static_cast<double>(rate.bits_per_second) * base::to_seconds(end - at);
    at = end;
  };
  for (const auto& step : steps) {
    add_until(std::min(step.from, until));
    rate = step.rate;
  }
  add_until(until);
  return {static_cast<std::uint64_t>(bits / base::to_seconds(until - from))};
}

}  // namespace sennit::sim
