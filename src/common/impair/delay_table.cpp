#include "impair/delay_table.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "impair/line_reader.hpp"

namespace sennit::impair {

namespace {

constexpr double kUnit = 8192;

std::optional<std::int16_t> entry(std::string_view word) {
  std::int16_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// Does not quote the file: who may name a file need not be allowed to read it.
Refusal not_an_entry(std::size_t line) {
  return {"line " + std::to_string(line) + " holds something else than numbers of -32768 to 32767"};
}

}  // namespace

std::variant<DelayTable, Refusal> DelayTable::parse(std::string_view text) {
  DelayTable table;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = take_line(text);
    if (line.starts_with('#')) continue;
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
      const auto value = entry(word);
      if (!value) return not_an_entry(number);
      if (table.entries_.size() == kMaxEntries) return Refusal{"it has more than 65536 entries"};
      table.entries_.push_back(*value);
    }
  }
  if (table.entries_.empty()) return Refusal{"it has no entries"};
  return table;
}

double DelayTable::quantile(double u) const {
  const double last = static_cast<double>(entries_.size() - 1);
  const double place = std::clamp(u * static_cast<double>(entries_.size()) - 0.5, 0.0, last);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, entries_.size() - 1);
  const double part = place - static_cast<double>(below);
  return ((1 - part) * entries_[below] + part * entries_[above]) / kUnit;
}

}  // namespace sennit::impair
