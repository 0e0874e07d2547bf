// What the kernel's tc cannot do of what a chain can, so that the configuration may say so before anything is
// started. Between settings and server/tc, which does the rest. Knows no kernel: what the running one lacks
// is server/tc's matter. Reasons: docs/shaping.md, "What settings become".
#pragma once

#include <optional>

#include "impair/settings.hpp"

namespace sennit::impair {

// The key that no kernel's tc can do, and the remedy; none: it can.
std::optional<Refusal> tc_refusal(const Settings& settings);
// Whether it takes netem, beside a class with a rate and a queue.
bool needs_netem(const Settings& settings);

}  // namespace sennit::impair
