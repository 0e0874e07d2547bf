#include "config/values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <span>
#include <string>

namespace sennit::config {

namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// What a kind of quantity is called, takes and is measured in.
struct Quantity {
  std::string_view what;
  std::string_view allowed;
  std::span<const Unit> units;
  double lowest;
  double highest;
};

constexpr std::array kRateUnits{Unit{"bit", 1}, Unit{"kbit", 1e3}, Unit{"mbit", 1e6}, Unit{"gbit", 1e9}};
constexpr std::array kSizeUnits{Unit{"B", 1},      Unit{"kB", 1e3},      Unit{"KB", 1e3},
                                Unit{"MB", 1e6},   Unit{"GB", 1e9},      Unit{"TB", 1e12},
                                Unit{"KiB", 1024}, Unit{"MiB", 1048576}, Unit{"GiB", 1073741824}};
constexpr std::array kDurationUnits{Unit{"us", 1e3}, Unit{"ms", 1e6},   Unit{"s", 1e9},
                                    Unit{"m", 6e10}, Unit{"h", 3.6e12}, Unit{"d", 8.64e13}};
constexpr std::array kShareUnits{Unit{"%", 0.01}};

constexpr Quantity kRate{"a rate",
                         "1bit to 1000gbit with the unit bit, kbit, mbit or gbit, as in 500kbit or 1.5mbit",
                         kRateUnits, 1, 1e12};
constexpr Quantity kSize{"a size",
                         "0B to 1000TB with the unit B, kB, MB, GB, TB, KiB, MiB or GiB, as in 64kB",
                         kSizeUnits, 0, 1e15};
constexpr Quantity kDuration{"a duration",
                             "0s to 36500d with the unit us, ms, s, m, h or d, as in 250us or 20ms",
                             kDurationUnits, 0, 36500 * 8.64e13};
constexpr Quantity kShare{"a share", "0% to 100%, as in 0.1%", kShareUnits, 0, 1};

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

Invalid refuse(std::string_view text, std::string_view why, std::string_view allowed) {
  return {quoted(text) + " " + std::string(why), std::string(allowed)};
}

// A decimal number with an optional fraction, then a unit; the value in the base unit.
Parsed<double> parse_quantity(std::string_view text, std::string_view spelling, const Quantity& quantity) {
  const auto number_end = std::min(spelling.find_first_not_of("0123456789."), spelling.size());
  const auto unit_name = spelling.substr(number_end);
  double number = 0;
  const auto [end, error] = std::from_chars(spelling.data(), spelling.data() + number_end, number);
  if (error != std::errc{} || end != spelling.data() + number_end) {
    return refuse(text, "is not " + std::string(quantity.what), quantity.allowed);
  }
  if (unit_name.empty()) return refuse(text, "has no unit", quantity.allowed);
  const auto unit = std::ranges::find(quantity.units, unit_name, &Unit::name);
  if (unit == quantity.units.end()) {
    return refuse(text, "has the unknown unit " + quoted(text.substr(number_end)), quantity.allowed);
  }
  const double value = number * unit->factor;
  if (value < quantity.lowest || value > quantity.highest) {
    return refuse(text, "is out of range", quantity.allowed);
  }
  return value;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

template <class Value>
struct Word {
  std::string_view name;
  Value value;
};

constexpr std::array kModes{Word<Mode>{"aggregate", Mode::kAggregate}, Word<Mode>{"flow", Mode::kFlow},
                            Word<Mode>{"redundant", Mode::kRedundant},
                            Word<Mode>{"failover", Mode::kFailover}};
constexpr std::array kOffloads{Word<Offload>{"auto", Offload::kAuto}, Word<Offload>{"off", Offload::kOff},
                               Word<Offload>{"tun", Offload::kTun}, Word<Offload>{"udp", Offload::kUdp}};
constexpr std::array kLogLevels{
    Word<LogLevel>{"trace", LogLevel::kTrace}, Word<LogLevel>{"debug", LogLevel::kDebug},
    Word<LogLevel>{"info", LogLevel::kInfo},   Word<LogLevel>{"warning", LogLevel::kWarning},
    Word<LogLevel>{"error", LogLevel::kError}, Word<LogLevel>{"off", LogLevel::kOff}};
constexpr std::array kFallbacks{Word<Fallback>{"none", Fallback::kNone},
                                Word<Fallback>{"direct", Fallback::kDirect}};
constexpr std::array kFlags{Word<bool>{"yes", true}, Word<bool>{"no", false}, Word<bool>{"true", true},
                            Word<bool>{"false", false}};

template <class Words>
std::string names_of(const Words& words) {
  std::string names;
  for (const auto& word : words) {
    if (!names.empty()) names += &word == &words.back() ? " or " : ", ";
    names += word.name;
  }
  return names;
}

template <class Value, std::size_t N>
Parsed<Value> parse_word(std::string_view text, std::string_view what,
                         const std::array<Word<Value>, N>& words) {
  const auto word = std::ranges::find(words, text, &Word<Value>::name);
  if (word == words.end()) return refuse(text, "is not " + std::string(what), names_of(words));
  return word->value;
}

template <class Value, std::size_t N>
std::string_view name_of(Value value, const std::array<Word<Value>, N>& words) {
  return std::ranges::find(words, value, &Word<Value>::value)->name;
}

}  // namespace

Parsed<base::BitRate> parse_rate(std::string_view text) {
  const auto value = parse_quantity(text, lower_case(text), kRate);
  if (!value) return value.invalid();
  return base::BitRate{static_cast<std::uint64_t>(std::llround(*value))};
}

Parsed<std::optional<base::BitRate>> parse_rate_or_auto(std::string_view text) {
  if (text == "auto") return std::optional<base::BitRate>{};
  const auto rate = parse_rate(text);
  if (!rate) return Invalid{rate.invalid().wrong, "auto, or " + rate.invalid().allowed};
  return std::optional(*rate);
}

Parsed<base::Bytes> parse_size(std::string_view text) {
  const auto value = parse_quantity(text, text, kSize);
  if (!value) return value.invalid();
  return base::Bytes{static_cast<std::uint64_t>(std::llround(*value))};
}

Parsed<std::optional<base::Bytes>> parse_size_or_none(std::string_view text) {
  if (text == "none") return std::optional<base::Bytes>{};
  const auto size = parse_size(text);
  if (!size) return Invalid{size.invalid().wrong, "none, or " + size.invalid().allowed};
  return std::optional(*size);
}

Parsed<base::Duration> parse_duration(std::string_view text) {
  const auto value = parse_quantity(text, text, kDuration);
  if (!value) return value.invalid();
  return base::Duration{std::llround(*value)};
}

Parsed<Share> parse_share(std::string_view text) {
  const auto value = parse_quantity(text, text, kShare);
  if (!value) return value.invalid();
  return Share{*value};
}

Parsed<std::uint32_t> parse_count(std::string_view text, std::string_view what, std::uint32_t lowest,
                                  std::uint32_t highest) {
  const auto allowed = std::to_string(lowest) + " to " + std::to_string(highest);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return refuse(text, "is not " + std::string(what), allowed);
  }
  if (error != std::errc{} || value < lowest || value > highest) {
    return refuse(text, "is out of range", allowed);
  }
  return value;
}

Parsed<std::optional<base::Bytes>> parse_mtu(std::string_view text) {
  if (text == "auto") return std::optional<base::Bytes>{};
  const auto value = parse_count(text, "an MTU", kMinMtu.value, kMaxMtu.value);
  if (!value) return Invalid{value.invalid().wrong, "auto, or " + value.invalid().allowed};
  return std::optional(base::Bytes{*value});
}

Parsed<bool> parse_flag(std::string_view text) {
  return parse_word(text, "yes or no", kFlags);
}

Parsed<Mode> parse_mode(std::string_view text) {
  return parse_word(text, "a mode", kModes);
}

Parsed<Offload> parse_offload(std::string_view text) {
  return parse_word(text, "an offload", kOffloads);
}

Parsed<LogLevel> parse_log_level(std::string_view text) {
  return parse_word(text, "a log level", kLogLevels);
}

Parsed<Fallback> parse_fallback(std::string_view text) {
  return parse_word(text, "a fallback", kFallbacks);
}

Parsed<base::Duration> parse_silence(std::string_view text) {
  constexpr std::string_view kAllowed = "1s to 1d, as in 30s";
  const auto duration = parse_duration(text);
  if (!duration) return Invalid{duration.invalid().wrong, std::string(kAllowed)};
  if (*duration < std::chrono::seconds(1) || *duration > std::chrono::days(1))
    return refuse(text, "is out of range", kAllowed);
  return *duration;
}

Parsed<Shaping> parse_shaping(std::string_view text) {
  if (text == "tunnel") return Shaping::kTunnel;
  if (text == "tc") return Shaping::kTc;
  return refuse(text, "is not a shaping back end", "tunnel or tc");
}

std::string_view to_string(Shaping shaping) {
  return shaping == Shaping::kTc ? "tc" : "tunnel";
}

std::string_view to_string(Mode mode) {
  return name_of(mode, kModes);
}

std::string_view to_string(Offload offload) {
  return name_of(offload, kOffloads);
}

std::string_view to_string(LogLevel level) {
  return name_of(level, kLogLevels);
}

}  // namespace sennit::config
