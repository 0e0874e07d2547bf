// Finds what somebody who mistyped a word may have meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sennit::config {

// Fewest insertions, deletions and replacements that turn one word into the other (Levenshtein, 1966).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The known word nearest to `word`, or "" when none is near enough to be meant.
std::string nearest(std::string_view word, std::span<const std::string> known);

// "a, b or c".
std::string join_words(std::span<const std::string> words);

// " (did you mean 'mtu'?)", or "" when nothing is near; for the end of what is wrong.
std::string guess(std::string_view word, std::span<const std::string> known);

// "did you mean 'mtu'? allowed: name, mtu or mode", without the question when nothing is near.
std::string suggestion(std::string_view word, std::span<const std::string> known);

}  // namespace sennit::config
