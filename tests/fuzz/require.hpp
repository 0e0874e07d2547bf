// What a fuzz target says when a property does not hold: it aborts, which libFuzzer and ctest both see.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace sennit::fuzz {

// Aborts with `property` when it does not hold.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", property);
  std::abort();
}

}  // namespace sennit::fuzz
