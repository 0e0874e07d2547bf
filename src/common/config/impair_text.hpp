// Settings written as users write them, shortest form first, what is at its default left out.
// Invariant: parse_impairment() of the text gives the same settings again, if the files are still there.
#pragma once

#include <string>
#include <vector>

#include "config/impair_options.hpp"
#include "impair/settings.hpp"

namespace sennit::config {

// Every key whose value is not its default, in the order of impairment_keys().
std::vector<KeyAndValue> to_keys(const impair::Settings& settings);
// `rate=780kbit delay=100ms loss=1%`; empty when nothing is impaired.
std::string to_text(const impair::Settings& settings);

// `780kbit`, `1638.4kbit`.
std::string to_text(base::BitRate rate);
// `64kB`, `1500B`.
std::string to_text(base::Bytes size);
// `100ms`, `1.5s`.
std::string to_text(base::Duration duration);
// `1%`, `0.1%`.
std::string to_text(impair::Probability share);

}  // namespace sennit::config
