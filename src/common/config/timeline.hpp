// A timeline: what is to be done to which device when, as `sennit device play` takes it from a TOML file.
//   loop = "30s"                              # begin again after so long; without it once is enough
//   [[step]]
//   at = "10s"
//   device = "phone"
//   down = "rate=1mbit delay=50ms"            # or up, profile = "…", clear = true
// Reading only; the shell plays it. Invariant: steps are in the order of their times, all before `loop`.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/device_options.hpp"
#include "config/problem.hpp"

namespace sennit::config {

enum class StepKind : std::uint8_t {
  kChange,
  kClear,  // the device is no longer impaired
};

struct TimelineStep {
  base::Duration at{};
  std::string device;  // a name, address, prefix, or `default`
  StepKind kind = StepKind::kChange;
  DeviceChange change;
};

struct Timeline {
  std::vector<TimelineStep> steps;
  std::optional<base::Duration> loop;
};

// The timeline of a TOML text; files that it names are relative to that of `file_name`. What is wrong goes to
// `problems`, and then the timeline means nothing.
Timeline parse_timeline(std::string_view text, std::string_view file_name, Problems& problems);

// The timeline of a file; throws UsageError with everything that is wrong, a line each.
Timeline load_timeline(const std::filesystem::path& file);

}  // namespace sennit::config
