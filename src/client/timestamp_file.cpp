#include "client/timestamp_file.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "shell/state_file.hpp"

namespace sennit::client {

namespace {

// Where the clock is behind what was sent, each handshake takes one nanosecond.
constexpr base::Duration kAheadOfSent = std::chrono::milliseconds(1);

std::uint64_t ahead(std::uint64_t sent, base::WallTime now, int share) {
  const auto of_clock = std::max(base::Duration{}, (now + TimestampFile::kAhead / share).time_since_epoch());
  const auto of_sent = sent + static_cast<std::uint64_t>((kAheadOfSent / share).count());
  return std::max(of_sent, static_cast<std::uint64_t>(of_clock.count()));
}

}  // namespace

std::uint64_t TimestampFile::read() const {
  const auto text = shell::read_state_file(file_).value_or("");
  std::uint64_t timestamp = 0;
  std::from_chars(text.data(), text.data() + text.size(), timestamp);
  return timestamp;
}

void TimestampFile::renew(std::uint64_t sent, base::WallTime now) {
  if (saved_ < ahead(sent, now, 2)) save(ahead(sent, now, 1));
}

void TimestampFile::save(std::uint64_t timestamp) {
  try {
    shell::write_state_file(file_, std::to_string(timestamp) + "\n");
    saved_ = timestamp;
  } catch (const base::Error& error) {
    spdlog::warn("{}", error.what());
  }
}

}  // namespace sennit::client
