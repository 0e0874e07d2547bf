#include "sim/table/verdict.hpp"

#include <algorithm>
#include <cstdio>

namespace sennit::sim {

namespace {

constexpr std::size_t kShown = 6;  // changes of a path

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
    auto& changes = changes_[path.id];
    auto verdict = verdict_of(path);
    if (changes.empty() || changes.back().verdict != verdict)
      changes.push_back({since_load, std::move(verdict)});
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
    text += std::to_string(id.value) + ":" + changes.front().verdict;
    for (std::size_t i = 1; i < std::min(changes.size(), kShown); ++i) {
      text += "," + with_one_digit(base::to_seconds(changes[i].at)) + "=" + changes[i].verdict;
    }
    if (changes.size() > kShown) text += "+" + std::to_string(changes.size() - kShown);
  }
  return text + capacities_;
}

}  // namespace sennit::sim
