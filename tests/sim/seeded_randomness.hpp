// libsodium's random bytes from a seed. The endpoints take ephemeral keys, session indices and the seed of
// their flow hash from it, and two flows that meet in one bucket or do not are two different runs.
// For simulations only: whoever calls this has no secrets any more.
#pragma once

#include <cstdint>

namespace sennit::sim {

// From now on, in this process.
void seed_randomness(std::uint64_t seed);

}  // namespace sennit::sim
