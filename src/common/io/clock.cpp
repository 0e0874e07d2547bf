#include "io/clock.hpp"

#include <ctime>

namespace sennit::io {

namespace {

base::Duration read(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

base::Now read_clock() {
  return {base::Instant(read(CLOCK_BOOTTIME)), base::WallTime(read(CLOCK_REALTIME))};
}

}  // namespace sennit::io
