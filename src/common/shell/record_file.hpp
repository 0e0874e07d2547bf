// A pcapng file that an endpoint writes while it carries packets: by a thread of its own, so that a slow disk
// holds up nobody. Between Filters, which fetches copies of packets, and the file.
// Invariant: holds one batch of packets at the most; while it writes, is_busy() says so.
#pragma once

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/time.hpp"
#include "device/capture.hpp"

namespace sennit::shell {

enum class RecordStart : std::uint8_t {
  kAnew,    // what is in the file goes
  kGoesOn,  // what an earlier run wrote stays, up to a block that it did not finish
};

class RecordFile {
 public:
  // Makes the file where there is none; throws base::Error with the remedy. Starts no thread yet.
  RecordFile(const std::filesystem::path& path, RecordStart start);
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;
  // Writes what it was given.
  ~RecordFile();

  bool is_busy();
  // Takes packets that were seen before `now`; waits while it is busy.
  void write(device::Captured captured, base::Now now);
  // Why nothing more is written, told once; empty: all is well.
  std::string take_error();

 private:
  struct Batch {
    device::Captured captured;
    base::Now now;
  };

  void work();
  void write_out(const std::string& bytes);

  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;  // the worker's, once there is one
  std::mutex mutex_;                                      // guards what follows
  std::condition_variable changed_;
  std::optional<Batch> batch_;
  std::string error_;
  bool has_failed_ = false;
  bool is_ending_ = false;
  std::thread worker_;
};

}  // namespace sennit::shell
