#include "config/problem.hpp"

#include <algorithm>
#include <iterator>

#include "base/error.hpp"

namespace sennit::config {

std::string to_string(const Origin& origin) {
  if (origin.file.empty()) return origin.key;
  const auto place = origin.file + ":" + std::to_string(origin.line);
  return origin.key.empty() ? place : place + ": " + origin.key;
}

Origin Origins::of(std::string_view key) const {
  if (const auto found = by_key_.find(key); found != by_key_.end()) return found->second;
  Origin origin = whole_;
  if (origin.file.empty()) return origin;
  if (!origin.key.empty()) origin.key += ".";
  origin.key += key;
  return origin;
}

void Origins::set_option(std::string_view key, std::string_view option, unsigned line) {
  option_lines_.insert_or_assign({std::string(key), std::string(option)}, line);
}

Origin Origins::of_option(std::string_view key, std::string_view option) const {
  auto origin = of(key);
  const auto line = option_lines_.find({std::string(key), std::string(option)});
  if (line != option_lines_.end()) origin.line = line->second;
  return origin;
}

namespace {

// Quoted values come from a file that may hold anything: control characters would break the line or the
// terminal.
std::string without_control_characters(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return text;
}

}  // namespace

std::string to_string(const Problem& problem) {
  const auto place = to_string(problem.origin);
  return without_control_characters(place.empty() ? problem.message : place + ": " + problem.message);
}

std::vector<std::string> Problems::texts() const {
  auto ordered = found_;
  std::ranges::stable_sort(ordered, {}, [](const Problem& problem) { return problem.origin.line; });
  std::vector<std::string> texts;
  std::ranges::transform(ordered, std::back_inserter(texts), [](const Problem& p) { return to_string(p); });
  return texts;
}

void throw_if_any(const Problems& problems) {
  if (problems.empty()) return;
  std::string all;
  for (const auto& text : problems.texts()) all += (all.empty() ? "" : "\n") + text;
  throw base::UsageError(all);
}

}  // namespace sennit::config
