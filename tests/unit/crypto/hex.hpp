// Bytes as hexadecimal text, as test vectors are written. For tests only; bad text throws.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/hex.hpp"
#include "base/packet.hpp"

namespace sennit::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes from_hex(std::string_view text) {
  return base::from_hex(text).value();
}

inline std::string to_hex(base::ConstByteSpan bytes) {
  std::string text;
  base::append_hex(text, bytes);
  return text;
}

}  // namespace sennit::test
