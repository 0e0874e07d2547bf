// Owned file descriptors and checked system calls.
// Stands under io, api, client and server; the core of the tunnel never includes it.
#pragma once

#include <string_view>
#include <utility>

namespace sennit::base {

// Closes its descriptor when it goes; moves, does not copy.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  // Gives the descriptor away; the caller closes it.
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// Returns `result`, or throws Error("<what>: <strerror(errno)>") when it is negative.
int check_syscall(std::string_view what, int result);

}  // namespace sennit::base
