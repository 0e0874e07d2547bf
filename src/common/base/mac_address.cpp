#include "base/mac_address.hpp"

#include <algorithm>
#include <charconv>

#include "base/hex.hpp"

namespace sennit::base {

namespace {

constexpr std::size_t kStep = 3;  // two digits and what stands behind them

std::optional<std::uint8_t> parse_byte(std::string_view digits) {
  std::uint8_t byte = 0;
  const auto* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, byte, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return byte;
}

}  // namespace

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  if (text.size() != kLength * kStep - 1 || (text[2] != ':' && text[2] != '-')) return std::nullopt;
  MacAddress address;
  for (std::size_t i = 0; i < kLength; ++i) {
    const auto byte = parse_byte(text.substr(i * kStep, 2));
    if (!byte || (i > 0 && text[i * kStep - 1] != text[2])) return std::nullopt;
    address.bytes_[i] = *byte;
  }
  return address;
}

std::optional<MacAddress> MacAddress::from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kLength) return std::nullopt;
  MacAddress address;
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

std::string MacAddress::to_string() const {
  std::string text;
  for (const auto& byte : bytes_) {
    if (!text.empty()) text += ':';
    append_hex(text, std::span(&byte, 1));
  }
  return text;
}

}  // namespace sennit::base
