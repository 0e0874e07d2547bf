// Days as they stand in the files of the state folder: 2026-11-22. UTC, so that a clock change moves nothing.
// What a day is compared with is the caller's matter.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace sennit::shell {

// The day of this moment.
std::chrono::sys_days day_of(base::WallTime moment);

std::string to_text(std::chrono::sys_days day);

// None where the text is not a day of the calendar, as to_text() writes it.
std::optional<std::chrono::sys_days> parse_day(std::string_view text);

}  // namespace sennit::shell
