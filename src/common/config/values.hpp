// Quantities and choices as users write them: `20mbit`, `64kB`, `250us`, `1%`, `aggregate`.
// The same parsers serve the command line and the TOML file. No defaults, no files.
// Units: rates in any case (`20Mbit`); sizes need the capital B, so that nobody reads bits; durations in
// lower case. The forms are promised in the man page sennit.toml(5).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "base/units.hpp"
#include "config/parsed.hpp"

namespace sennit::config {

// How packets are spread over the links.
enum class Mode : std::uint8_t {
  kAggregate,  // packet by packet over all links
  kFlow,       // each connection keeps to one link
  kRedundant,  // every packet on every link, the first copy wins
  kFailover,   // links in order
};

// Which segmentation offloads are used.
enum class Offload : std::uint8_t {
  kAuto,  // what the machine can do
  kOff,   // none
  kTun,   // only those of the TUN device
  kUdp,   // only those of the UDP sockets
};

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarning, kError, kOff };

// Where `device set` takes effect; this version has one place.
enum class Shaping : std::uint8_t { kTunnel, kTc };

// What becomes of the default routes while the gateway does not answer.
enum class Fallback : std::uint8_t {
  kNone,    // they keep leading into the tunnel: nothing leaves unprotected
  kDirect,  // they are withdrawn: hosts go out directly
};

// A probability or a part of a whole, 0 to 1.
struct Share {
  double fraction = 0;
  constexpr auto operator<=>(const Share&) const = default;
};

// Smallest tunnel MTU: every IPv4 host takes 576 bytes (RFC 791); IPv6 inside needs kMinMtuV6 (RFC 8200).
inline constexpr base::Bytes kMinMtu{576};
inline constexpr base::Bytes kMinMtuV6{1280};
inline constexpr base::Bytes kMaxMtu{65535};

// `500kbit`, `1.5mbit`, `1gbit`, `9600bit`: 1 bit/s to 1000 Gbit/s.
Parsed<base::BitRate> parse_rate(std::string_view text);
// A rate, or `auto` for none.
Parsed<std::optional<base::BitRate>> parse_rate_or_auto(std::string_view text);
// `1500B`, `64kB`, `5GB` (decimal), `64KiB` (binary).
Parsed<base::Bytes> parse_size(std::string_view text);
// A size, or `none`.
Parsed<std::optional<base::Bytes>> parse_size_or_none(std::string_view text);
// `250us`, `20ms`, `10s`, `5m`, `4h`, `7d`.
Parsed<base::Duration> parse_duration(std::string_view text);
// `1%`, `0.1%`.
Parsed<Share> parse_share(std::string_view text);
// A whole number of `lowest` to `highest`; `what` names it in the refusal.
Parsed<std::uint32_t> parse_count(std::string_view text, std::string_view what, std::uint32_t lowest,
                                  std::uint32_t highest);
// `auto` for none, or a number of bytes.
Parsed<std::optional<base::Bytes>> parse_mtu(std::string_view text);
Parsed<bool> parse_flag(std::string_view text);
Parsed<Mode> parse_mode(std::string_view text);
Parsed<Offload> parse_offload(std::string_view text);
Parsed<LogLevel> parse_log_level(std::string_view text);
Parsed<Fallback> parse_fallback(std::string_view text);
// How long a gateway is to be silent before anything is done about it: 1 s to 1 d.
Parsed<base::Duration> parse_silence(std::string_view text);
Parsed<Shaping> parse_shaping(std::string_view text);
std::string_view to_string(Shaping shaping);

// The words that the parsers above take.
std::string_view to_string(Mode mode);
std::string_view to_string(Offload offload);
std::string_view to_string(LogLevel level);

}  // namespace sennit::config
