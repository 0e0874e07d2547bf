// The highest rates that each path has ever carried, kept in the state folder from run to run, in JSON:
//   { "paths": [ { "peer": "home", "id": 1, "link": "adsl", "tx": 1000000, "rx": 8000000 } ] }
// Runtime feeds it with the endpoint's reports; `sennit status` shows it as capacity_*_max.
// Touches no file itself. Invariant: one entry for each peer and path number, so that a peer that renames its
// links cannot make it grow; an entry belongs to the link that had this number last.
#pragma once

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
  RateMemory() = default;
  // From the file's text; entries that are not as above are left out. Never throws.
  explicit RateMemory(std::string_view text);

  // Takes over what is higher than what it knows.
  void note(const tunnel::EndpointReport& report);
  // Zero where nothing is known of this path of this link.
  HighestRates of(const std::string& peer, const tunnel::PathReport& path) const;
  // The text of the file.
  std::string to_text() const;

  bool operator==(const RateMemory&) const = default;

 private:
  struct Entry {
    std::string link;
    HighestRates rates;
    bool operator==(const Entry&) const = default;
  };
  void note_path(const std::string& peer, const tunnel::PathReport& path);

  std::map<std::pair<std::string, unsigned>, Entry> entries_;
};

}  // namespace sennit::shell
