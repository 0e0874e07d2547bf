// Impairment options, profiles, .dist tables and mahimahi traces: nothing makes a reader throw; what is read
// is written in a form that reads the same again, and impairs packets without losing one.
#include <algorithm>
#include <string>
#include <string_view>

#include "config/impair_options.hpp"
#include "config/impair_text.hpp"
#include "config/profiles.hpp"
#include "fuzz/require.hpp"
#include "impair/chain.hpp"

namespace {

using namespace sennit;
using fuzz::require;

// Files named `trace` or `dist` hold the bytes behind the first line of the input.
config::ReadFile reader_of(std::string_view content) {
  return [content](const std::string& path) -> config::Parsed<std::string> {
    if (path.ends_with("trace") || path.ends_with(".dist")) return std::string(content);
    return config::Invalid{"'" + path + "' cannot be read", "a file of the fuzzer's"};
  };
}

void check_round_trip(const impair::Settings& settings, const config::ReadFile& read) {
  const std::string written = config::to_text(settings);
  const auto again = config::parse_impairment(written, read);
  require(static_cast<bool>(again), "what is written can be read");
  require(config::to_text(*again) == written, "what is written reads the same");
}

// Forty packets, half of them at once.
void check_chain(const impair::Settings& settings) {
  constexpr std::uint32_t kPackets = 40;
  const base::Instant start{std::chrono::hours(1)};
  impair::PacketPool pool;
  impair::Chain chain(pool, settings, {1}, start);
  std::uint32_t last_uses = 0;
  for (std::uint32_t i = 0; i < kPackets; ++i) {
    const auto now = start + (i / 20) * std::chrono::milliseconds(50);
    chain.push({.buffer = {i}, .size = 40 + i * 36, .flow = {i % 3}}, now);
    while (const auto emission = chain.pop(now)) last_uses += emission->is_last_use ? 1 : 0;
    require(chain.next_wakeup() > now, "nothing is left to do");
  }
  chain.change({}, start + std::chrono::seconds(1));
  while (const auto emission = chain.drain()) last_uses += emission->is_last_use ? 1 : 0;
  require(last_uses == kPackets, "every packet comes out once");
  require(pool.in_use() == 0, "nothing is kept");
}

bool is_one_line(const std::string& text) {
  return text.find('\n') == std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line_end = std::min(input.find('\n'), input.size());
  const auto content = input.substr(std::min(line_end + 1, input.size()));
  const auto read = reader_of(content);
  if (const auto settings = config::parse_impairment(input.substr(0, line_end), read)) {
    check_round_trip(*settings, read);
    check_chain(*settings);
  } else {
    require(is_one_line(to_string(settings.invalid())), "a refusal is one line");
  }
  config::Problems problems;
  for (const auto& profile : config::read_profiles(input, "fuzz.toml", read, problems)) {
    check_round_trip(profile.down, read);
  }
  for (const auto& text : problems.texts()) require(is_one_line(text), "a problem is one line");
  return 0;
}
