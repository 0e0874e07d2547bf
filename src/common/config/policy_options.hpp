// Policies as users write them: [[policy]] tables, which say of packets of one kind how they are spread and
// over which links. Values and their parsers; whether they fit the rest is validate.hpp's matter, and what
// becomes of them the shell's. Invariant: an empty list asks for nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "config/names.hpp"
#include "config/parsed.hpp"
#include "config/problem.hpp"
#include "config/values.hpp"

namespace sennit::config {

// A [[policy]] table.
struct PolicyOptions {
  std::vector<std::uint8_t> dscps;
  std::vector<std::uint8_t> protocols;
  std::vector<PortRange> ports;         // of either end
  std::vector<base::Prefix> addresses;  // of either end
  std::vector<std::string> devices;     // by name
  std::optional<Mode> mode;             // none: the tunnel's
  std::vector<std::string> links;       // by name; empty: all
  Origins origins;

  // Does it ask for anything?
  bool has_match() const;
};

// `ef`, `af41`, `cs5`, `le`, `va`, or 0 to 63.
Parsed<std::uint8_t> parse_dscp(std::string_view text);
// `tcp`, `udp`, `icmp` (of both IP versions), `sctp`, or 0 to 255.
Parsed<std::vector<std::uint8_t>> parse_protocol(std::string_view text);
// `5060` or `5000-5100`.
Parsed<PortRange> parse_port_range(std::string_view text);

}  // namespace sennit::config
