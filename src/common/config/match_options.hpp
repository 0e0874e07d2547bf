// What packets must be to be meant, as users write it: the keys dscp, protocol, port and address that the
// match of a [[policy]] and of a [[filter]] share. Values and their parsers; the core's word for it is
// wire::Match. Invariant: an empty list asks for nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "config/names.hpp"
#include "config/parsed.hpp"

namespace sennit::config {

struct MatchOptions {
  std::vector<std::uint8_t> dscps;
  std::vector<std::uint8_t> protocols;
  std::vector<PortRange> ports;         // of either end
  std::vector<base::Prefix> addresses;  // of either end

  // Does it ask for anything?
  bool asks() const;
};

// "protocol=udp port=53,5000-5100"; empty where it asks for nothing.
std::string match_options_text(const MatchOptions& match);

// `ef`, `af41`, `cs5`, `le`, `va`, or 0 to 63.
Parsed<std::uint8_t> parse_dscp(std::string_view text);
// `tcp`, `udp`, `icmp` (of both IP versions), `sctp`, or 0 to 255.
Parsed<std::vector<std::uint8_t>> parse_protocol(std::string_view text);
// `5060` or `5000-5100`.
Parsed<PortRange> parse_port_range(std::string_view text);

}  // namespace sennit::config
