#include "base/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/packet.hpp"

namespace sennit::base {

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> bytes) {
  IpAddress address;
  address.family_ = Family::kV4;
  copy_bytes(bytes, address.bytes_);
  return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> bytes) {
  IpAddress address;
  address.family_ = Family::kV6;
  address.bytes_ = bytes;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return v4({bytes[0], bytes[1], bytes[2], bytes[3]});
  }
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return v6(bytes);
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  IpAddress address;
  address.family_ = bytes.size() == 4 ? Family::kV4 : Family::kV6;
  copy_bytes(bytes, address.bytes_);
  return address;
}

unsigned IpAddress::width() const {
  switch (family_) {
    case Family::kNone: return 0;
    case Family::kV4: return 32;
    case Family::kV6: return 128;
  }
  return 0;
}

std::span<const std::uint8_t> IpAddress::bytes() const {
  return std::span(bytes_).first(width() / 8);
}

bool IpAddress::is_unspecified() const {
  return std::ranges::all_of(bytes_, [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::is_link_local() const {
  if (family_ == Family::kV4) return bytes_[0] == 169 && bytes_[1] == 254;
  return family_ == Family::kV6 && bytes_[0] == 0xFE && (bytes_[1] & 0xC0) == 0x80;
}

std::string IpAddress::to_string() const {
  if (family_ == Family::kNone) return "none";
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family_ == Family::kV4 ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

Prefix::Prefix(IpAddress address, unsigned length)
    : address_(address), length_(static_cast<std::uint8_t>(std::min(length, address.width()))) {}

namespace {

std::optional<unsigned> parse_number(std::string_view text, unsigned highest) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > highest) return std::nullopt;
  return value;
}

// Clears every bit behind the first `length` ones.
void mask_bits(std::span<std::uint8_t> bytes, unsigned length) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned kept = length > i * 8 ? std::min<unsigned>(8, length - static_cast<unsigned>(i) * 8) : 0;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xFF00U >> kept));
  }
}

}  // namespace

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return Prefix(*address, address->width());
  const auto length = parse_number(text.substr(slash + 1), address->width());
  if (!length) return std::nullopt;
  return Prefix(*address, *length);
}

bool Prefix::contains(const IpAddress& address) const {
  if (address.family() != family() || family() == Family::kNone) return false;
  return Prefix(address, length_).network() == network();
}

Prefix Prefix::network() const {
  std::array<std::uint8_t, 16> masked{};
  const auto bytes = address_.bytes();
  copy_bytes(bytes, masked);
  mask_bits(std::span(masked).first(bytes.size()), length_);
  return {IpAddress::from_bytes(std::span(masked).first(bytes.size())).value_or(IpAddress{}), length_};
}

std::string Prefix::to_string() const {
  return address_.to_string() + "/" + std::to_string(length_);
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  const auto port = parse_number(text.substr(colon + 1), 65535);
  if (!address || !port || bracketed != (address->family() == Family::kV6)) return std::nullopt;
  return SocketAddress{*address, static_cast<std::uint16_t>(*port)};
}

std::string SocketAddress::to_string() const {
  const auto port_text = ":" + std::to_string(port);
  if (address.family() == Family::kV6) return "[" + address.to_string() + "]" + port_text;
  return address.to_string() + port_text;
}

unsigned outer_overhead(Family family) {
  return family == Family::kV6 ? 48 : 28;
}

}  // namespace sennit::base

std::size_t std::hash<sennit::base::IpAddress>::operator()(
    const sennit::base::IpAddress& address) const noexcept {
  const auto bytes = address.bytes();
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::size_t std::hash<sennit::base::SocketAddress>::operator()(
    const sennit::base::SocketAddress& address) const noexcept {
  return std::hash<sennit::base::IpAddress>{}(address.address) * 31 + address.port;
}
