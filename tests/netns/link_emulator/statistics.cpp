#include "link_emulator/statistics.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace link_emulator {

namespace {

// The value below which that share of the durations lies, in milliseconds; zero of none.
double quantile(std::vector<base::Duration> values, double share) {
  if (values.empty()) return 0;
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return base::to_milliseconds(values.at(static_cast<std::size_t>(place)));
}

}  // namespace

std::string Statistics::text() const {
  std::ostringstream words;
  words << "offered=" << offered.packets << " offered_bytes=" << offered.bytes
        << " delivered=" << delivered.packets << " delivered_bytes=" << delivered.bytes
        << " silenced=" << silenced << " policed=" << policed << " overflowed=" << overflowed
        << " lost=" << lost;
  for (const auto& [name, values] : {std::pair{"wait", &waits}, std::pair{"late", &lateness}})
    words << ' ' << name << "_median=" << quantile(*values, 0.5) << ' ' << name
          << "_p99=" << quantile(*values, 0.99);
  return words.str();
}

}  // namespace link_emulator
