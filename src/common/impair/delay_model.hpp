// Draws how long a packet is delayed: a mean, a jitter, a distribution, a correlation from packet to packet.
// The correlation leaves the distribution as it is (Gaussian copula). Decides only; DelayLine holds packets.
// Invariant: no delay is negative; what would be is zero.
// Reasons: docs/impairment.md, "Delay".
#pragma once

#include <cstdint>
#include <memory>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "impair/delay_table.hpp"
#include "impair/probability.hpp"

namespace sennit::impair {

enum class Distribution : std::uint8_t {
  kUniform,       // from delay - jitter to delay + jitter
  kNormal,        // jitter is the standard deviation, here and below
  kPareto,        // shape 3
  kParetoNormal,  // a quarter normal, three quarters pareto
  kTable,         // jitter is the table's unit
};

struct DelaySettings {
  base::Duration delay = {};
  base::Duration jitter = {};
  Distribution distribution = Distribution::kUniform;
  Probability correlation = {};
  std::shared_ptr<const DelayTable> table = nullptr;  // for kTable
};

class DelayModel {
 public:
  DelayModel() = default;
  explicit DelayModel(DelaySettings settings) : settings_(std::move(settings)) {}
  // The delay of the next packet.
  base::Duration draw(base::Rng& rng);
  // No packet is delayed less.
  base::Duration least() const;
  // The new settings, from the next packet on; the correlation goes on.
  void change(DelaySettings settings) { settings_ = std::move(settings); }

 private:
  double deviation(base::Rng& rng);

  DelaySettings settings_;
  double z_ = 0;  // the last packet's normal deviate
  bool has_last_ = false;
};

// The deviation from the mean at the share `u` (0 < u < 1) of all values, in units of the jitter.
double quantile(Distribution distribution, double u);

}  // namespace sennit::impair
