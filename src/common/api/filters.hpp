// The packet filters of an endpoint as plain values: `filters` of `sennit status --json`, and `sennit filter
// list`. Filled by the shell, carried over the control socket as JSON, printed by `sennit filter`.
// The keys are promised to users in the man page sennit(1).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace sennit::api {

struct FilterStatus {
  std::uint32_t number = 0;
  std::string device;  // empty: everybody
  std::string direction = "both";
  std::string match;  // options; empty: every packet
  std::string action;
  std::string to;  // empty: nowhere
  std::uint64_t packets = 0;
  base::Bytes bytes;
  std::uint64_t missed = 0;  // copies that did not reach their file
  bool operator==(const FilterStatus&) const = default;
};

// The list that `sennit filter list --json` prints.
nlohmann::json to_json(const std::vector<FilterStatus>& filters);
// Reads it back; throws Error when it is not one.
std::vector<FilterStatus> filters_from_json(const nlohmann::json& json);

// One row a filter, for people.
std::string to_table(const std::vector<FilterStatus>& filters);

}  // namespace sennit::api
