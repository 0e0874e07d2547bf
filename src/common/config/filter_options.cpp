#include "config/filter_options.hpp"

#include <algorithm>
#include <array>

#include "config/nearest.hpp"
#include "config/setting.hpp"

namespace sennit::config {

namespace {

template <class Value>
struct Word {
  std::string_view text;
  Value value;
};

constexpr std::array kActions{Word<FilterAction>{"drop", FilterAction::kDrop},
                              Word<FilterAction>{"allow", FilterAction::kAllow},
                              Word<FilterAction>{"count", FilterAction::kCount},
                              Word<FilterAction>{"duplicate", FilterAction::kDuplicate}};
constexpr std::array kDirections{Word<FilterDirection>{"both", FilterDirection::kBoth},
                                 Word<FilterDirection>{"down", FilterDirection::kDown},
                                 Word<FilterDirection>{"up", FilterDirection::kUp}};
constexpr std::string_view kFileEnding = ".pcapng";

template <class Value, std::size_t kSize>
Parsed<Value> parse_word(std::string_view text, std::string_view what,
                         const std::array<Word<Value>, kSize>& words) {
  std::vector<std::string> known;
  for (const auto& word : words) {
    if (word.text == text) return word.value;
    known.emplace_back(word.text);
  }
  return Invalid{"'" + std::string(text) + "' is not " + std::string(what), join_words(known)};
}

template <class Value, std::size_t kSize>
std::string_view text_of(Value value, const std::array<Word<Value>, kSize>& words) {
  return std::ranges::find(words, value, &Word<Value>::value)->text;
}

std::vector<std::string> keys() {
  std::vector<std::string> known;
  for (const auto& setting : filter_settings()) known.emplace_back(setting.key);
  return known;
}

// A list is divided by commas.
std::optional<Invalid> store(FilterOptions& filter, std::string_view word) {
  const auto equals = word.find('=');
  const auto key = word.substr(0, equals);
  const auto setting = std::ranges::find(filter_settings(), key, &Setting<FilterOptions>::key);
  if (setting == filter_settings().end() || equals == std::string_view::npos)
    return Invalid{"'" + std::string(word) + "' is not KEY=VALUE of a filter", join_words(keys())};
  if (setting->clear) setting->clear(filter);
  for (std::size_t start = equals + 1;;) {
    const auto comma = setting->clear ? word.find(',', start) : std::string_view::npos;
    const auto invalid = setting->store(filter, std::string(word.substr(start, comma - start)));
    if (invalid) return Invalid{std::string(key) + ": " + invalid->wrong, invalid->allowed};
    if (comma == std::string_view::npos) return std::nullopt;
    start = comma + 1;
  }
}

}  // namespace

Parsed<FilterAction> parse_filter_action(std::string_view text) {
  return parse_word(text, "an action", kActions);
}

Parsed<FilterDirection> parse_filter_direction(std::string_view text) {
  return parse_word(text, "a direction", kDirections);
}

Parsed<FilterTarget> parse_filter_target(std::string_view text) {
  if (text.empty()) return Invalid{"it is empty", "the name of a device, or FILE.pcapng"};
  if (text.ends_with(kFileEnding)) return FilterTarget{{}, text};
  return FilterTarget{std::string(text), {}};
}

std::string_view to_string(FilterAction action) {
  return text_of(action, kActions);
}

std::string_view to_string(FilterDirection direction) {
  return text_of(direction, kDirections);
}

std::string to_string(const FilterTarget& target) {
  return target.file.empty() ? target.device : target.file.string();
}

std::optional<FilterFault> check_filter(const FilterOptions& filter) {
  if (!filter.action) return FilterFault{"action", "is missing", "drop, allow, count or duplicate"};
  const bool is_duplicate = filter.action == FilterAction::kDuplicate;
  if (is_duplicate && !filter.to)
    return FilterFault{"to", "is missing", "the name of a device, or FILE.pcapng"};
  if (!is_duplicate && filter.to)
    return FilterFault{"to", "stands beside action " + std::string(to_string(*filter.action)),
                       "with duplicate alone"};
  return std::nullopt;
}

Parsed<FilterOptions> parse_filter(std::span<const std::string> words, const std::filesystem::path& folder) {
  FilterOptions filter;
  for (const auto& word : words)
    if (const auto invalid = store(filter, word)) return *invalid;
  if (filter.to && !filter.to->file.empty()) filter.to->file = folder / filter.to->file;
  if (const auto fault = check_filter(filter))
    return Invalid{std::string(fault->key) + " " + fault->wrong, fault->remedy};
  return filter;
}

std::vector<std::string> filter_words(const FilterOptions& filter) {
  std::vector<std::string> words;
  if (!filter.device.empty()) words.push_back("device=" + filter.device);
  if (filter.direction != FilterDirection::kBoth)
    words.push_back("direction=" + std::string(to_string(filter.direction)));
  const auto match = match_options_text(filter.match);
  for (std::size_t start = 0; start < match.size();) {
    const auto end = std::min(match.find(' ', start), match.size());
    words.push_back(match.substr(start, end - start));
    start = end + 1;
  }
  if (filter.action) words.push_back("action=" + std::string(to_string(*filter.action)));
  if (filter.to) words.push_back("to=" + to_string(*filter.to));
  return words;
}

}  // namespace sennit::config
