#include "sim/seeded_randomness.hpp"

#include <sodium.h>

#include <algorithm>
#include <span>

#include "base/rng.hpp"

namespace sennit::sim {

namespace {

base::Rng& generator() {
  static base::Rng rng(0);
  return rng;
}

void fill(void* buffer, std::size_t size) {
  std::ranges::generate(std::span(static_cast<std::uint8_t*>(buffer), size),
                        [] { return static_cast<std::uint8_t>(generator()()); });
}

randombytes_implementation implementation{
    .implementation_name = [] { return "seeded"; },
    .random = [] { return static_cast<std::uint32_t>(generator()()); },
    .stir = nullptr,
    .uniform = nullptr,
    .buf = fill,
    .close = nullptr,
};

}  // namespace

void seed_randomness(std::uint64_t seed) {
  generator() = base::Rng(seed);
  randombytes_set_implementation(&implementation);
}

}  // namespace sennit::sim
