#include "wire/text.hpp"

#include <algorithm>
#include <cstdint>

namespace sennit::wire {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

// Continuation bytes after this leading byte; 4 where no character starts with it.
unsigned continuation_count(std::uint8_t lead) {
  if (lead < 0x80) return 0;
  if (lead < 0xC2) return 4;
  if (lead < 0xE0) return 1;
  if (lead < 0xF0) return 2;
  return lead < 0xF5 ? 3 : 4;
}

// Takes one character off the front of `text`, which is not empty.
char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  const unsigned count = continuation_count(lead);
  if (count == 4 || text.size() <= count) return kInvalid;
  char32_t character = count == 0 ? lead : lead & (0x3FU >> count);
  for (unsigned i = 1; i <= count; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xC0U) != 0x80) return kInvalid;
    character = (character << 6U) | (byte & 0x3FU);
  }
  text.remove_prefix(count + 1);
  const bool is_overlong = (count == 2 && character < 0x800) || (count == 3 && character < 0x10000);
  return is_overlong ? kInvalid : character;
}

bool is_printable(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
  return c < 0xD800 || (c >= 0xE000 && c <= 0x10FFFF);
}

}  // namespace

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

bool is_printable_utf8(std::string_view text) {
  while (!text.empty()) {
    if (!is_printable(take_character(text))) return false;
  }
  return true;
}

}  // namespace sennit::wire
