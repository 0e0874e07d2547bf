// Reads the two clocks, once a wake-up or batch; the core gets the result as an argument.
// Stands at the rim: only the shells call it.
// The monotonic clock is CLOCK_BOOTTIME: it counts the time a laptop sleeps, so keys that outlived their 180
// s while it slept are refused on waking, and timers that came due meanwhile fire at once.
#pragma once

#include "base/time.hpp"

namespace sennit::io {

// Both clocks as they stand now.
base::Now read_clock();

}  // namespace sennit::io
