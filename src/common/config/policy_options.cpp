#include "config/policy_options.hpp"

#include <array>

namespace sennit::config {

namespace {

constexpr std::string_view kDscpForm = "0 to 63, ef, va, le, cs0 to cs7, or af11 to af43";
constexpr std::string_view kProtocolForm = "tcp, udp, icmp, sctp, or 0 to 255";
constexpr std::string_view kPortForm = "1 to 65535, or a range of them, as in 5000-5100";

Invalid refuse(std::string_view text, std::string_view why, std::string_view allowed) {
  return {"'" + std::string(text) + "' " + std::string(why), std::string(allowed)};
}

bool is_digit(char c, char first, char last) {
  return first <= c && c <= last;
}

// Class selectors (RFC 2474) and assured forwarding (RFC 2597).
std::optional<std::uint8_t> parse_class(std::string_view text) {
  if (text.size() == 3 && text.starts_with("cs") && is_digit(text[2], '0', '7'))
    return static_cast<std::uint8_t>(8 * (text[2] - '0'));
  if (text.size() == 4 && text.starts_with("af") && is_digit(text[2], '1', '4') &&
      is_digit(text[3], '1', '3'))
    return static_cast<std::uint8_t>(8 * (text[2] - '0') + 2 * (text[3] - '0'));
  return std::nullopt;
}

}  // namespace

bool PolicyOptions::has_match() const {
  return !dscps.empty() || !protocols.empty() || !ports.empty() || !addresses.empty() || !devices.empty();
}

Parsed<std::uint8_t> parse_dscp(std::string_view text) {
  constexpr std::uint8_t kExpedited = 46;   // RFC 3246
  constexpr std::uint8_t kVoiceAdmit = 44;  // RFC 5865
  constexpr std::uint8_t kLowerEffort = 1;  // RFC 8622
  if (text == "ef") return kExpedited;
  if (text == "va") return kVoiceAdmit;
  if (text == "le") return kLowerEffort;
  if (const auto named = parse_class(text)) return *named;
  const auto number = parse_count(text, "a DSCP", 0, 63);
  if (!number) return refuse(text, "is not a DSCP", kDscpForm);
  return static_cast<std::uint8_t>(*number);
}

Parsed<std::vector<std::uint8_t>> parse_protocol(std::string_view text) {
  constexpr std::uint8_t kTcp = 6;
  constexpr std::uint8_t kUdp = 17;
  constexpr std::uint8_t kIcmp = 1;
  constexpr std::uint8_t kIcmpV6 = 58;
  constexpr std::uint8_t kSctp = 132;
  if (text == "tcp") return std::vector{kTcp};
  if (text == "udp") return std::vector{kUdp};
  if (text == "icmp") return std::vector{kIcmp, kIcmpV6};
  if (text == "sctp") return std::vector{kSctp};
  const auto number = parse_count(text, "a protocol", 0, 255);
  if (!number) return refuse(text, "is not a protocol", kProtocolForm);
  return std::vector{static_cast<std::uint8_t>(*number)};
}

Parsed<PortRange> parse_port_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_count(text.substr(0, dash), "a port", 1, 65535);
  const auto last =
      dash == std::string_view::npos ? first : parse_count(text.substr(dash + 1), "a port", 1, 65535);
  if (!first || !last || *last < *first) return refuse(text, "is not a port", kPortForm);
  return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

}  // namespace sennit::config
