#include "impair/tc_refusal.hpp"

#include <string>

namespace sennit::impair {

namespace {

using Refused = std::optional<std::string>;

constexpr base::BitRate kLeastRate{100};

bool is_correlated(const RandomShare& random) {
  return random.share.value > 0 && random.correlation.value > 0;
}

Refused check_line(const Settings& s) {
  if (s.rate.trace) return "trace: tc cannot follow a trace; give a rate, or use the tunnel back end";
  if (s.outage.off > base::Duration::zero()) return "outage: tc has no outages; use the tunnel back end";
  if (s.rate.peak.bits_per_second != 0) return "peak: tc's classes have no peak rate; leave it out";
  if (s.rate.rate.bits_per_second != 0 && s.rate.rate < kLeastRate)
    return "rate: tc cannot do less than 100 bit/s; give more";
  if (s.seed) return "seed: tc's random numbers cannot be repeated; leave it out";
  return std::nullopt;
}

Refused check_overhead(const Settings& s) {
  if (s.overhead.framing == Framing::kPtm)
    return "overhead: tc cannot count PTM frames; give bytes instead, such as overhead=22";
  const bool is_netem = s.order == Order::kNetem;
  if (s.overhead.bytes < 0 && !is_netem) return "overhead: tc cannot take bytes away; give 0 or more";
  if (s.overhead.least > 0 && is_netem) return "overhead: netem has no least size; leave it out";
  return std::nullopt;
}

Refused check_correlations(const Settings& s) {
  const auto refusal = [](const char* key) {
    return std::string(key) +
           ": netem's correlation changes what it correlates; leave it out, or use the "
           "tunnel back end";
  };
  if (s.delay.correlation.value > 0) return refusal("delay-correlation");
  if (is_correlated(s.corrupt.random)) return refusal("corrupt-correlation");
  if (is_correlated(s.duplicate)) return refusal("duplicate-correlation");
  if (is_correlated(s.reorder.random)) return refusal("reorder-correlation");
  return std::nullopt;
}

bool has_loss(const Settings& s) {
  return !std::holds_alternative<std::monostate>(s.loss);
}

Refused check_models(const Settings& s) {
  if (s.corrupt.random.share.value > 0 && s.corrupt.mode != DamageMode{})
    return "corrupt-mode: tc flips one bit of the packet; leave it out, or use the tunnel back end";
  if (s.aqm == Aqm::kDropTail) return std::nullopt;
  if (s.aqm != Aqm::kFqCodel) return "aqm: tc's queue is droptail or fq_codel; choose one of them";
  if (needs_netem(s))
    return "aqm: fq_codel goes with a rate alone in tc, since netem holds the queue; leave out one of both";
  return std::nullopt;
}

}  // namespace

bool needs_netem(const Settings& s) {
  const bool delays = s.delay.delay > base::Duration::zero() || s.delay.jitter > base::Duration::zero() ||
                      s.slot.most > base::Duration::zero();
  const bool draws = has_loss(s) || s.corrupt.random.share.value > 0 || s.duplicate.share.value > 0 ||
                     s.reorder.random.share.value > 0;
  return delays || draws || s.order == Order::kNetem;
}

std::optional<Refusal> tc_refusal(const Settings& settings) {
  for (const auto& check : {check_line, check_overhead, check_correlations, check_models})
    if (auto refused = check(settings)) return Refusal{std::move(*refused)};
  return std::nullopt;
}

}  // namespace sennit::impair
