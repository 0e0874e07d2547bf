// What a link's `impair_up` and `impair_down` ask for: the name of a profile, of which that direction is
// meant, impairment options, or `none`. Values only; the shell sets the endpoint by them.
#pragma once

#include <optional>
#include <vector>

#include "config/options.hpp"
#include "config/parsed.hpp"
#include "impair/settings.hpp"

namespace sennit::config {

// By direction; none: not impaired.
struct LinkImpairment {
  std::optional<impair::Settings> up;
  std::optional<impair::Settings> down;
};

// The refusal names the key. A profile is looked for among `profiles`.
Parsed<LinkImpairment> impairment_of(const LinkOptions& link, const std::vector<Profile>& profiles);

// All that the keys `impair_up` and `impair_down`, or `impair` for both, are refused for.
void check_impairment(const LinkOptions& link, const std::vector<Profile>& profiles, Problems& problems);

}  // namespace sennit::config
