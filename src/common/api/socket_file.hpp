// The control socket's file: made with the right owner and mode, removed when its owner goes.
// Stands under control_server; listens, and leaves accepting to it.
// Invariant: a socket at which another endpoint answers is never touched, and only our own file is removed.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/fd.hpp"

namespace sennit::api {

class SocketFile {
 public:
  // Removes what a crash left at `path`, makes the folder if need be, binds and listens: mode 0660, group
  // `sennit` where there is one. Throws Error when another endpoint answers there.
  explicit SocketFile(std::filesystem::path path);
  ~SocketFile();
  SocketFile(const SocketFile&) = delete;
  SocketFile& operator=(const SocketFile&) = delete;

  // The listening descriptor, to be owned by the caller; once.
  int release() { return fd_.release(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  void make_folder();
  void bind_and_listen();

  std::filesystem::path path_;
  std::filesystem::path made_folder_;  // empty when it was there before
  base::FileDescriptor fd_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace sennit::api
