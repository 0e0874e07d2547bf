#include "sim/table/verdict.hpp"

#include <algorithm>
#include <cstdio>

namespace sennit::sim {

namespace {

std::string with_one_digit(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

}  // namespace

std::string verdict_of(const tunnel::PathReport& path) {
  return std::string(link::to_string(path.state));
}

base::BitRate believed_capacity(const tunnel::PathReport& path) {
  return std::max(path.told_tx, path.highest_tx);
}

void VerdictLog::look(const Host& sender, base::Duration since_load) {
  for (const auto& path : sender.peer_report().paths) {
    auto verdict = verdict_of(path);
    if (last_[path.id] == verdict) continue;
    auto& changes = changes_[path.id];
    if (!changes.empty()) changes += "," + with_one_digit(base::to_seconds(since_load)) + "=";
    changes += verdict;
    last_[path.id] = std::move(verdict);
  }
}

void VerdictLog::note_capacities(const Host& sender, base::Duration since_load) {
  capacities_ += " @" + with_one_digit(base::to_seconds(since_load));
  char separator = ' ';
  for (const auto& path : sender.peer_report().paths) {
    capacities_ += separator;
    capacities_ += with_one_digit(static_cast<double>(believed_capacity(path).bits_per_second) / 1e6);
    separator = '+';
  }
}

std::string VerdictLog::text() const {
  std::string text;
  for (const auto& [id, changes] : changes_) {
    if (!text.empty()) text += ' ';
    text += std::to_string(id.value) + ":" + changes;
  }
  return text + capacities_;
}

}  // namespace sennit::sim
