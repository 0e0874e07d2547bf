// The timestamp that the next run begins above, in the state folder: a gateway takes no handshake that is not
// later than the last one (protocol.md section 2.3), and the clock may be behind after a power cut.
// Written by Client now and then, not at every handshake: what is saved lies ahead of what is sent.
// Invariant: after every renew() the file tells no less than what was sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "base/time.hpp"

namespace sennit::client {

class TimestampFile {
 public:
  // So far ahead of the clock; a crash and the loss of the file would shut the client out for so long.
  static constexpr base::Duration kAhead = std::chrono::minutes(10);

  explicit TimestampFile(std::filesystem::path file) : file_(std::move(file)) {}

  // What an earlier run left; zero where none did.
  std::uint64_t read() const;
  // Saves ahead of `sent` and of the clock where what is saved is soon used up.
  void renew(std::uint64_t sent, base::WallTime now);
  // Saves `sent` itself: nothing more will be sent.
  void settle(std::uint64_t sent) { save(sent); }

 private:
  void save(std::uint64_t timestamp);

  std::filesystem::path file_;
  std::uint64_t saved_ = 0;
};

}  // namespace sennit::client
