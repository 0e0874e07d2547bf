// Policies as users write them: [[policy]] tables, which say of packets of one kind how they are spread and
// over which links. Values alone; whether they fit the rest is validate.hpp's matter, and what becomes of
// them the shell's. Invariant: an empty list asks for nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/match_options.hpp"
#include "config/problem.hpp"
#include "config/values.hpp"

namespace sennit::config {

// A [[policy]] table.
struct PolicyOptions {
  MatchOptions match;
  std::vector<std::string> devices;  // by name; packets of these alone
  std::optional<Mode> mode;          // none: the tunnel's
  std::vector<std::string> links;    // by name; empty: all
  Origins origins;
};

}  // namespace sennit::config
