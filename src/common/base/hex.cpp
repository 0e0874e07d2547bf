#include "base/hex.hpp"

#include <boost/algorithm/hex.hpp>
#include <iterator>

namespace sennit::base {

void append_hex(std::string& text, std::span<const std::uint8_t> bytes) {
  boost::algorithm::hex_lower(bytes.begin(), bytes.end(), std::back_inserter(text));
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 2);
  try {
    boost::algorithm::unhex(text.begin(), text.end(), std::back_inserter(bytes));
  } catch (const boost::algorithm::hex_decode_error&) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace sennit::base
