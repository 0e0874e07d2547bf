// What this kernel's tc can do, judged by what happens to packets, not by what is accepted: kernels take
// filters that then match everything.
// Asked once at start and by `sennit doctor`. Tried in a network namespace of its own, on its loopback, so
// that nobody sees it; needs root. Reasons: docs/shaping.md, "Which filter".
#pragma once

#include <optional>

#include "server/tc/classifier.hpp"
#include "server/tc/lane_plan.hpp"

namespace sennit::server::tc {

enum class Support : std::uint8_t { kAbsent, kPresent };

struct Capabilities {
  Support htb = Support::kAbsent;
  std::optional<Classifier> classifier;  // the best that works
  Support netem = Support::kAbsent;
  NetemQueue netem_queue = NetemQueue::kLimit;
  Support fq_codel = Support::kAbsent;
};

// None where it cannot be tried.
std::optional<Capabilities> probe_capabilities();

}  // namespace sennit::server::tc
