#include "config/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace sennit::config {

namespace {
// A word this much longer than every key is not a mistyped one.
constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kFarthest = 3;
}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string nearest(std::string_view word, std::span<const std::string> known) {
  if (known.empty() || word.size() > kLongestWord) return {};
  const auto best =
      std::ranges::min_element(known, {}, [&](const std::string& k) { return edit_distance(word, k); });
  const auto distance = edit_distance(word, *best);
  const bool near = distance <= kFarthest && distance * 2 <= std::max(word.size(), best->size());
  return near ? *best : std::string{};
}

std::string join_words(std::span<const std::string> words) {
  std::string joined;
  for (const auto& word : words) {
    if (!joined.empty()) joined += &word == &words.back() ? " or " : ", ";
    joined += word;
  }
  return joined;
}

std::string guess(std::string_view word, std::span<const std::string> known) {
  const auto meant = nearest(word, known);
  return meant.empty() ? "" : " (did you mean '" + meant + "'?)";
}

std::string suggestion(std::string_view word, std::span<const std::string> known) {
  const auto meant = nearest(word, known);
  return (meant.empty() ? "" : "did you mean '" + meant + "'? ") + "allowed: " + join_words(known);
}

}  // namespace sennit::config
