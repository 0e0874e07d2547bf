// Time as the core knows it: an argument, never read. Stands below everything; has no now().
// The shell (io) reads CLOCK_BOOTTIME once a wake-up or batch and passes it down; tests and the simulator
// invent it. Invariant: an Instant never goes backwards within one run; wall-clock time is a different type.
#pragma once

#include <chrono>
#include <cstdint>

namespace sennit::base {

using Duration = std::chrono::nanoseconds;

// A monotonic clock without now(), so that the core cannot read it.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, Duration>;
  static constexpr bool is_steady = true;
};

using Instant = MonotonicClock::time_point;

// Later than any time that is reached: "no wake-up wanted".
inline constexpr Instant kNever = Instant::max();

// Nanoseconds since the Unix epoch; may step in either direction. Only handshakes use it.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// The two clocks as read together at one wake-up.
struct Now {
  Instant monotonic;
  WallTime wall;
};

// For JSON and logs.
constexpr double to_milliseconds(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}
constexpr double to_seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace sennit::base
