// How much each metered link has carried in its present period, kept in the state folder from run to run, in
// JSON:
//   { "links": [ { "link": "lte0", "since": "2026-11-15", "bytes": 123456 } ] }
// A value: Quotas feeds it and reads and writes the file. Invariant: what was carried in one period counts in
// no other, and a clock that is wrong for a while makes it forget nothing: the last periods are all kept.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace sennit::client {

// The day on which the period began that this day lies in; periods begin on `reset` of a month, or on its
// last day where it is shorter.
std::chrono::sys_days period_of(std::chrono::sys_days day, std::chrono::day reset);

class QuotaLedger {
 public:
  QuotaLedger() = default;
  // From the file's text; entries that are not as above are left out. Never throws.
  explicit QuotaLedger(std::string_view text);

  // The link has carried so much more in the period that began then.
  void add(const std::string& link, base::Bytes carried, std::chrono::sys_days period);
  // What it has carried in that period.
  base::Bytes used(const std::string& link, std::chrono::sys_days period) const;
  // The text of the file.
  std::string to_text() const;

  bool operator==(const QuotaLedger&) const = default;

 private:
  using Periods = std::map<std::chrono::sys_days, base::Bytes>;

  std::map<std::string, Periods> links_;
};

}  // namespace sennit::client
