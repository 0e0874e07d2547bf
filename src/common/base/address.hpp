// IP addresses, prefixes and UDP endpoints as values; v4 and v6 alike.
// Stands below everything; does no name resolution and no I/O. Text forms follow RFC 5952 and RFC 4632.
// Invariant: the bytes behind an IPv4 address are zero, so that comparison and hashing see 16 bytes at once.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sennit::base {

enum class Family : std::uint8_t {
  kNone,  // no address known
  kV4,
  kV6,
};

class IpAddress {
 public:
  constexpr IpAddress() = default;
  static IpAddress v4(std::array<std::uint8_t, 4> bytes);
  static IpAddress v6(std::array<std::uint8_t, 16> bytes);
  // "192.0.2.1" or "2001:db8::1"; nothing else, no zone.
  static std::optional<IpAddress> parse(std::string_view text);
  // 4 or 16 bytes in network order; any other length gives no address.
  static std::optional<IpAddress> from_bytes(std::span<const std::uint8_t> bytes);

  Family family() const { return family_; }
  // 32 or 128; 0 without a family.
  unsigned width() const;
  // Network order, 4 or 16 bytes.
  std::span<const std::uint8_t> bytes() const;
  bool is_unspecified() const;
  // fe80::/10 or 169.254.0.0/16.
  bool is_link_local() const;
  std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  Family family_ = Family::kNone;
  std::array<std::uint8_t, 16> bytes_{};
};

// An address with a prefix length. Host bits are kept ("10.77.0.1/24" is an interface address); see
// network().
class Prefix {
 public:
  constexpr Prefix() = default;
  // Length beyond the family's width is cut to it.
  Prefix(IpAddress address, unsigned length);
  // "10.0.0.0/8", "2001:db8::/32", or a bare address (a host prefix).
  static std::optional<Prefix> parse(std::string_view text);

  const IpAddress& address() const { return address_; }
  unsigned length() const { return length_; }
  Family family() const { return address_.family(); }
  bool contains(const IpAddress& address) const;
  // The same prefix with host bits cleared.
  Prefix network() const;
  // Only this address: /32 or /128.
  bool is_host() const { return length_ == address_.width(); }
  std::string to_string() const;

  auto operator<=>(const Prefix&) const = default;

 private:
  IpAddress address_;
  std::uint8_t length_ = 0;
};

// Address and UDP port.
struct SocketAddress {
  IpAddress address;
  std::uint16_t port = 0;

  // "192.0.2.1:6000" or "[2001:db8::1]:6000".
  static std::optional<SocketAddress> parse(std::string_view text);
  std::string to_string() const;
  auto operator<=>(const SocketAddress&) const = default;
};

// UDP and IP header bytes in front of a datagram to this family: 28 or 48.
unsigned outer_overhead(Family family);

}  // namespace sennit::base

template <>
struct std::hash<sennit::base::IpAddress> {
  std::size_t operator()(const sennit::base::IpAddress& address) const noexcept;
};
template <>
struct std::hash<sennit::base::SocketAddress> {
  std::size_t operator()(const sennit::base::SocketAddress& address) const noexcept;
};
