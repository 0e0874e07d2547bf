// Bytes as hexadecimal text, as test vectors are written. For tests only; bad text aborts.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/packet.hpp"

namespace sennit::test {

using Bytes = std::vector<std::uint8_t>;

inline unsigned hex_digit(char c) {
  const auto value = std::string_view("0123456789abcdef").find(c);
  if (value == std::string_view::npos) std::abort();
  return static_cast<unsigned>(value);
}

inline Bytes from_hex(std::string_view text) {
  if (text.size() % 2 != 0) std::abort();
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(hex_digit(text[i]) << 4U | hex_digit(text[i + 1])));
  }
  return bytes;
}

inline std::string to_hex(base::ConstByteSpan bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

}  // namespace sennit::test
