#include "client/quota_ledger.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "shell/calendar.hpp"

namespace sennit::client {

namespace {

using Json = nlohmann::json;
namespace chrono = std::chrono;

// The present one, the one before, and one of a clock that was wrong.
constexpr std::size_t kPeriodsKept = 3;

chrono::sys_days begin_in(chrono::year_month month, chrono::day reset) {
  const chrono::year_month_day last(month / chrono::last);
  return chrono::sys_days(month / std::min(reset, last.day()));
}

bool is_entry(const Json& entry) {
  const auto is_text = [&](const char* key) { return entry.contains(key) && entry[key].is_string(); };
  return entry.is_object() && is_text("link") && is_text("since") && entry.contains("bytes") &&
         entry["bytes"].is_number_unsigned();
}

}  // namespace

chrono::sys_days period_of(chrono::sys_days day, chrono::day reset) {
  const chrono::year_month_day date(day);
  const auto month = date.year() / date.month();
  const auto begin = begin_in(month, reset);
  return begin <= day ? begin : begin_in(month - chrono::months(1), reset);
}

QuotaLedger::QuotaLedger(std::string_view text) {
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("links") || !document["links"].is_array()) return;
  for (const Json& entry : document["links"]) {
    if (!is_entry(entry)) continue;
    const auto since = shell::parse_day(entry["since"].get_ref<const std::string&>());
    if (since) add(entry["link"].get<std::string>(), {entry["bytes"].get<std::uint64_t>()}, *since);
  }
}

void QuotaLedger::add(const std::string& link, base::Bytes carried, chrono::sys_days period) {
  auto& periods = links_[link];
  periods[period] += carried;
  if (periods.size() <= kPeriodsKept) return;
  const auto oldest = periods.begin();
  periods.erase(oldest->first == period ? std::next(oldest) : oldest);
}

base::Bytes QuotaLedger::used(const std::string& link, chrono::sys_days period) const {
  const auto found = links_.find(link);
  if (found == links_.end()) return {};
  const auto entry = found->second.find(period);
  return entry == found->second.end() ? base::Bytes{} : entry->second;
}

std::string QuotaLedger::to_text() const {
  Json links = Json::array();
  for (const auto& [link, periods] : links_) {
    for (const auto& [since, bytes] : periods)
      links.push_back({{"link", link}, {"since", shell::to_text(since)}, {"bytes", bytes.value}});
  }
  constexpr int kIndent = 2;
  return Json{{"links", links}}.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sennit::client
