#include "io/priority.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <tuple>

#include "base/fd.hpp"

namespace sennit::io {

namespace {

constexpr int kNice = -10;

// Where the kernel schedules each session as a group, only this counts between them; elsewhere nothing is
// lost.
void raise_autogroup() {
  const base::FileDescriptor file(::open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC));
  const auto text = std::to_string(kNice);
  if (file) std::ignore = ::write(file.get(), text.data(), text.size());
}

}  // namespace

bool raise_priority() {
  errno = 0;
  const int before = ::getpriority(PRIO_PROCESS, 0);
  if (errno != 0 || before != 0 || ::setpriority(PRIO_PROCESS, 0, kNice) < 0) return false;
  // Who does not lead the session would raise the others in it.
  if (::getsid(0) == ::getpid()) raise_autogroup();
  return true;
}

}  // namespace sennit::io
