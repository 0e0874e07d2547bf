// Bytes as text and back: two lower-case hexadecimal digits each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sennit::base {

void append_hex(std::string& text, std::span<const std::uint8_t> bytes);
// None where it is not of pairs of hexadecimal digits, of either case.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

}  // namespace sennit::base
