// What an endpoint says about its paths while a trial runs: the one place that knows which fields of a report
// are a judgement of the link. Everything is of the direction in which the reporting endpoint sends.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/host.hpp"

namespace sennit::sim {

// In one word.
std::string verdict_of(const tunnel::PathReport& path);
// What the endpoint believes the path carries; zero: it does not know.
base::BitRate believed_capacity(const tunnel::PathReport& path);

// The verdicts of all paths over time, written as "0:up 1:up,3.2=down": changes, in seconds; of many the
// first.
class VerdictLog {
 public:
  void look(const Host& sender, base::Duration since_load);
  // Adds the capacities believed in now, as "@8.0 19.8+9.7" in Mbit/s.
  void note_capacities(const Host& sender, base::Duration since_load);
  std::string text() const;

 private:
  struct Change {
    base::Duration at;
    std::string verdict;
  };

  std::map<base::PathId, std::vector<Change>> changes_;
  std::string capacities_;
};

}  // namespace sennit::sim
