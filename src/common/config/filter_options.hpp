// Packet filters as users write them: [[filter]] tables and `sennit filter add KEY=VALUE…`. Values and their
// parsers; the core's word for it is device::Filter, and names of devices are the shell's to look up.
// Invariant: what check_filter() has no objection to says one thing to do with its packets.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/match_options.hpp"
#include "config/parsed.hpp"
#include "config/problem.hpp"

namespace sennit::config {

enum class FilterAction : std::uint8_t { kDrop, kAllow, kCount, kDuplicate };

// As seen from the device.
enum class FilterDirection : std::uint8_t { kBoth, kDown, kUp };

// Where duplicates go: to a device by its name, or to a file.
struct FilterTarget {
  std::string device;
  std::filesystem::path file;
  bool operator==(const FilterTarget&) const = default;
};

// A [[filter]] table.
struct FilterOptions {
  std::string device;  // by name; empty: everybody's packets
  FilterDirection direction = FilterDirection::kBoth;
  MatchOptions match;
  std::optional<FilterAction> action;
  std::optional<FilterTarget> to;
  Origins origins;
};

Parsed<FilterAction> parse_filter_action(std::string_view text);
Parsed<FilterDirection> parse_filter_direction(std::string_view text);
// What ends in `.pcapng` is a file.
Parsed<FilterTarget> parse_filter_target(std::string_view text);
std::string_view to_string(FilterAction action);
std::string_view to_string(FilterDirection direction);
std::string to_string(const FilterTarget& target);

// What is missing or too much, with the key that it is about.
struct FilterFault {
  std::string_view key;
  std::string wrong;
  std::string remedy;
};
std::optional<FilterFault> check_filter(const FilterOptions& filter);

// One filter of words as in `device=phone protocol=udp port=53,5353 action=drop`; files are looked for in
// `folder`.
Parsed<FilterOptions> parse_filter(std::span<const std::string> words, const std::filesystem::path& folder);
// The same back, one word.
std::vector<std::string> filter_words(const FilterOptions& filter);

}  // namespace sennit::config
