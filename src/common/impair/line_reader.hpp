// Text taken apart into lines and words, for the two file formats that impairment reads (.dist tables and
// mahimahi traces). No files: the text is an argument.
#pragma once

#include <string_view>

namespace sennit::impair {

// Takes the next line off `text`, without its end; a carriage return before it goes too.
inline std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Takes the next word off `line`; empty when there is none.
inline std::string_view take_word(std::string_view& line) {
  constexpr std::string_view kBlank = " \t";
  line.remove_prefix(line.find_first_not_of(kBlank) == std::string_view::npos
                         ? line.size()
                         : line.find_first_not_of(kBlank));
  const auto word = line.substr(0, line.find_first_of(kBlank));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace sennit::impair
