#include "client/quota_ledger.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "shell/calendar.hpp"

namespace sennit::client {

namespace {

using Json = nlohmann::json;
namespace chrono = std::chrono;

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
    if (since) entries_[entry["link"].get<std::string>()] = {*since, {entry["bytes"].get<std::uint64_t>()}};
  }
}

void QuotaLedger::add(const std::string& link, base::Bytes carried, chrono::sys_days period) {
  const auto before = used(link, period);
  entries_[link] = {period, before + carried};
}

base::Bytes QuotaLedger::used(const std::string& link, chrono::sys_days period) const {
  const auto found = entries_.find(link);
  return found == entries_.end() || found->second.since != period ? base::Bytes{} : found->second.bytes;
}

std::string QuotaLedger::to_text() const {
  Json links = Json::array();
  for (const auto& [link, entry] : entries_) {
    links.push_back({{"link", link}, {"since", shell::to_text(entry.since)}, {"bytes", entry.bytes.value}});
  }
  constexpr int kIndent = 2;
  return Json{{"links", links}}.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sennit::client
