#include "shell/rate_memory.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "shell/calendar.hpp"

namespace sennit::shell {

namespace {

using Json = nlohmann::json;

bool is_entry(const Json& entry) {
  if (!entry.is_object()) return false;
  const auto is_number = [&](const char* key) {
    return entry.contains(key) && entry[key].is_number_unsigned();
  };
  const auto is_text = [&](const char* key) { return entry.contains(key) && entry[key].is_string(); };
  return is_text("peer") && is_text("link") && is_number("id") && is_number("tx") && is_number("rx") &&
         is_text("day");
}

// Has this run reached what is remembered, or nearly?
bool comes_near(base::BitRate reached, base::BitRate remembered) {
  return remembered > base::BitRate{} &&
         static_cast<double>(reached.bits_per_second) >=
             RateMemory::kNear * static_cast<double>(remembered.bits_per_second);
}

}  // namespace

RateMemory::RateMemory(std::string_view text, std::chrono::sys_days today) {
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("paths") || !document["paths"].is_array()) return;
  for (const Json& entry : document["paths"]) {
    if (!is_entry(entry)) continue;
    const auto day = parse_day(entry["day"].get_ref<const std::string&>());
    if (!day || today - *day > kKeepFor) continue;
    const HighestRates rates{{entry["tx"].get<std::uint64_t>()}, {entry["rx"].get<std::uint64_t>()}};
    const std::pair key{entry["peer"].get<std::string>(), entry["id"].get<unsigned>()};
    entries_[key] = {entry["link"].get<std::string>(), rates, *day};
  }
}

void RateMemory::note(const tunnel::EndpointReport& report, std::chrono::sys_days today) {
  for (const auto& peer : report.peers) {
    for (const auto& path : peer.paths) note_path(peer.name, path, today);
  }
}

// A gateway learns the link's name only after the path has come up.
void RateMemory::note_path(const std::string& peer, const tunnel::PathReport& path,
                           std::chrono::sys_days today) {
  if (path.link.empty() || (path.highest_tx == base::BitRate{} && path.highest_rx == base::BitRate{})) return;
  const auto before = of(peer, path);
  const HighestRates rates{std::max(before.tx, path.highest_tx), std::max(before.rx, path.highest_rx)};
  const bool is_confirmed = comes_near(path.highest_tx, rates.tx) || comes_near(path.highest_rx, rates.rx);
  auto& entry = entries_[{peer, path.id.value}];
  entry = {path.link, rates, is_confirmed ? today : entry.day};
}

HighestRates RateMemory::of(const std::string& peer, const tunnel::PathReport& path) const {
  const auto found = entries_.find({peer, path.id.value});
  if (found == entries_.end() || found->second.link != path.link) return {};
  return found->second.rates;
}

std::string RateMemory::to_text() const {
  Json paths = Json::array();
  for (const auto& [key, entry] : entries_) {
    paths.push_back({{"peer", key.first},
                     {"id", key.second},
                     {"link", entry.link},
                     {"tx", entry.rates.tx.bits_per_second},
                     {"rx", entry.rates.rx.bits_per_second},
                     {"day", shell::to_text(entry.day)}});
  }
  constexpr int kIndent = 2;
  return Json{{"paths", paths}}.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sennit::shell
