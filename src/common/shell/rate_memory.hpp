// The highest rates that each path has ever carried, kept in the state folder from run to run, in JSON:
//   { "paths": [ { "peer": "home", "id": 1, "link": "adsl", "tx": 1000000, "rx": 8000000,
//                   "day": "2026-11-22" } ] }
// Runtime feeds it with the endpoint's reports; `sennit status` shows it as capacity_*_max, and nothing else
// uses it (docs/scheduling.md, "Capacity"). Touches no file itself. Invariant: one entry for each peer and
// path number, so that a peer that renames its links cannot make it grow; an entry belongs to the link that
// had this number last.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/units.hpp"
#include "tunnel/report.hpp"

namespace sennit::shell {

struct HighestRates {
  base::BitRate tx;
  base::BitRate rx;
  bool operator==(const HighestRates&) const = default;
};

class RateMemory {
 public:
  // What no run has come near for so long is forgotten: the line is another one now.
  static constexpr std::chrono::days kKeepFor{30};
  // A run that has reached so much of what is remembered has confirmed it.
  static constexpr double kNear = 0.9;

  RateMemory() = default;
  // From the file's text; entries that are not as above, or too old, are left out. Never throws.
  RateMemory(std::string_view text, std::chrono::sys_days today);

  // Takes over what is higher than what it knows.
  void note(const tunnel::EndpointReport& report, std::chrono::sys_days today);
  // Zero where nothing is known of this path of this link.
  HighestRates of(const std::string& peer, const tunnel::PathReport& path) const;
  // The text of the file.
  std::string to_text() const;

  bool operator==(const RateMemory&) const = default;

 private:
  struct Entry {
    std::string link;
    HighestRates rates;
    std::chrono::sys_days day;  // when either was last reached, or nearly
    bool operator==(const Entry&) const = default;
  };
  void note_path(const std::string& peer, const tunnel::PathReport& path, std::chrono::sys_days today);

  std::map<std::pair<std::string, unsigned>, Entry> entries_;
};

}  // namespace sennit::shell
