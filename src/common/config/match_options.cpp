#include "config/match_options.hpp"

#include <algorithm>
#include <array>

#include "config/values.hpp"

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

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmpV6 = 58;
constexpr std::uint8_t kSctp = 132;

std::string protocol_text(std::uint8_t protocol) {
  if (protocol == kTcp) return "tcp";
  if (protocol == kUdp) return "udp";
  if (protocol == kSctp) return "sctp";
  return std::to_string(protocol);
}

// Both ICMPs are one word.
std::vector<std::string> protocol_texts(const std::vector<std::uint8_t>& protocols) {
  std::vector<std::string> texts;
  for (auto protocol = protocols.begin(); protocol != protocols.end(); ++protocol) {
    const bool is_icmp =
        std::next(protocol) != protocols.end() && *protocol == kIcmp && protocol[1] == kIcmpV6;
    texts.push_back(is_icmp ? "icmp" : protocol_text(*protocol));
    if (is_icmp) ++protocol;
  }
  return texts;
}

std::string port_text(const PortRange& ports) {
  const auto first = std::to_string(ports.first);
  return ports.first == ports.last ? first : first + "-" + std::to_string(ports.last);
}

std::string address_text(const base::Prefix& prefix) {
  return prefix.is_host() ? prefix.address().to_string() : prefix.to_string();
}

template <class Value, class Write>
std::vector<std::string> texts_of(const std::vector<Value>& values, Write write) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const auto& value : values) texts.push_back(write(value));
  return texts;
}

void append_list(std::string& text, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  text.append(text.empty() ? "" : " ").append(key).append("=");
  for (const auto& value : values) text.append(&value == values.data() ? "" : ",").append(value);
}

}  // namespace

bool MatchOptions::asks() const {
  return !dscps.empty() || !protocols.empty() || !ports.empty() || !addresses.empty();
}

std::string match_options_text(const MatchOptions& match) {
  std::string text;
  append_list(text, "dscp", texts_of(match.dscps, [](std::uint8_t dscp) { return std::to_string(dscp); }));
  append_list(text, "protocol", protocol_texts(match.protocols));
  append_list(text, "port", texts_of(match.ports, port_text));
  append_list(text, "address", texts_of(match.addresses, address_text));
  return text;
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
