#include "shell/rate_memory.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sennit::shell {

namespace {

using Json = nlohmann::json;

bool is_entry(const Json& entry) {
  if (!entry.is_object()) return false;
  const auto is_number = [&](const char* key) {
    return entry.contains(key) && entry[key].is_number_unsigned();
  };
  const auto is_text = [&](const char* key) { return entry.contains(key) && entry[key].is_string(); };
  return is_text("peer") && is_text("link") && is_number("id") && is_number("tx") && is_number("rx");
}

}  // namespace

RateMemory::RateMemory(std::string_view text) {
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("paths") || !document["paths"].is_array()) return;
  for (const Json& entry : document["paths"]) {
    if (!is_entry(entry)) continue;
    const HighestRates rates{{entry["tx"].get<std::uint64_t>()}, {entry["rx"].get<std::uint64_t>()}};
    const std::pair key{entry["peer"].get<std::string>(), entry["id"].get<unsigned>()};
    entries_[key] = {entry["link"].get<std::string>(), rates};
  }
}

void RateMemory::note(const tunnel::EndpointReport& report) {
  for (const auto& peer : report.peers) {
    for (const auto& path : peer.paths) note_path(peer.name, path);
  }
}

// A gateway learns the link's name only after the path has come up.
void RateMemory::note_path(const std::string& peer, const tunnel::PathReport& path) {
  if (path.link.empty() || (path.highest_tx == base::BitRate{} && path.highest_rx == base::BitRate{})) return;
  const auto before = of(peer, path);
  const HighestRates rates{std::max(before.tx, path.highest_tx), std::max(before.rx, path.highest_rx)};
  entries_[{peer, path.id.value}] = {path.link, rates};
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
                     {"rx", entry.rates.rx.bits_per_second}});
  }
  constexpr int kIndent = 2;
  return Json{{"paths", paths}}.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sennit::shell
