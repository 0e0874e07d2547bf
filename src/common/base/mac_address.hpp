// Ethernet addresses (IEEE 802, EUI-48) as values.
// Stands below everything, beside IpAddress; a device in the LAN may be known by one.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sennit::base {

class MacAddress {
 public:
  constexpr MacAddress() = default;
  // "02:00:5e:10:00:01", in either case, or with dashes.
  static std::optional<MacAddress> parse(std::string_view text);
  // Six bytes; any other number gives no address.
  static std::optional<MacAddress> from_bytes(std::span<const std::uint8_t> bytes);

  std::span<const std::uint8_t> bytes() const { return bytes_; }
  // Multicast, or the broadcast address.
  bool is_group() const { return (bytes_[0] & 1U) != 0; }
  // All zero, which no interface has.
  bool is_zero() const { return bytes_ == decltype(bytes_){}; }
  // In lower case, with colons.
  std::string to_string() const;

  auto operator<=>(const MacAddress&) const = default;

 private:
  static constexpr std::size_t kLength = 6;
  std::array<std::uint8_t, kLength> bytes_{};
};

}  // namespace sennit::base
