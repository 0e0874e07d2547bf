// Rates that change over time, for VirtualLink::follow(): single steps, and what a recording of an LTE modem
// looks like. The latter is made here from a seed: the logarithm of the rate wanders around its mean, in
// steps of 100 ms, with a cell's hand-over of some hundred milliseconds now and then.
#pragma once

#include <vector>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "sim/virtual_link.hpp"

namespace sennit::sim {

struct RadioTrace {
  base::BitRate mean;
  double spread = 0.35;  // deviation of the rate's logarithm
  base::Duration memory = std::chrono::seconds(2);
  base::Duration between_hand_overs = std::chrono::seconds(20);
  base::Duration hand_over = std::chrono::milliseconds(300);
};

// The steps of `length` from `start` on.
std::vector<RateStep> radio_steps(const RadioTrace& trace, base::Instant start, base::Duration length,
                                  base::Rng rng);
// What a wire that follows these steps can carry between two instants, as a mean; `before` applies before the
// first step.
base::BitRate mean_rate(const std::vector<RateStep>& steps, base::BitRate before, base::Instant from,
                        base::Instant until);

}  // namespace sennit::sim
