// What the tests of devices are about: who, when, and the simplest impairment.
#pragma once

#include "base/time.hpp"
#include "impair/settings.hpp"

namespace sennit::device {

inline constexpr base::Instant kStart{std::chrono::hours(1)};
inline constexpr const char* kPhone = "192.168.1.23";
inline constexpr const char* kServer = "198.51.100.7";

inline impair::Settings delay_of(base::Duration delay) {
  impair::Settings settings;
  settings.delay.delay = delay;
  return settings;
}

}  // namespace sennit::device
