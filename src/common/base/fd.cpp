#include "base/fd.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.hpp"

namespace sennit::base {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int check_syscall(std::string_view what, int result) {
  if (result < 0) throw Error(std::string(what) + ": " + std::generic_category().message(errno));
  return result;
}

}  // namespace sennit::base
