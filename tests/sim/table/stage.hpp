// Runs a trial: builds the scenario, lets it settle, measures the idle round trip, starts the load, and after
// the warm-up measures everything a row holds. Invariant: the same trial, load and seed give the same rows.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/table/row.hpp"
#include "sim/table/trial.hpp"

namespace sennit::sim {

// A row for each direction of the trial, the best line alone included.
std::vector<Row> run(const Trial& trial, const Load& load, std::uint64_t seed);

}  // namespace sennit::sim
