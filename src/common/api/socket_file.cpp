#include "api/socket_file.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace sennit::api {

namespace {

constexpr mode_t kSocketMode = 0660;
constexpr mode_t kFolderMode = 0755;
constexpr int kBacklog = 16;
constexpr const char* kGroup = "sennit";

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto text = path.string();
  if (text.empty() || text.size() >= sizeof address.sun_path) {
    throw base::Error("control socket '" + text +
                      "': the path must have 1 to 107 bytes; choose another with --control");
  }
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

base::FileDescriptor new_socket() {
  return base::FileDescriptor(
      base::check_syscall("socket", socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
}

bool somebody_answers(const sockaddr_un& address) {
  const auto probe = new_socket();
  const bool connected =
      connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  return connected || errno == EAGAIN;  // EAGAIN: alive, with a full backlog
}

void remove_stale(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return;
  const auto name = "control socket " + path.string();
  if (!S_ISSOCK(status.st_mode))
    throw base::Error(name + ": a file that is no socket is in the way; choose another with --control");
  if (somebody_answers(address)) {
    throw base::Error(name + ": another endpoint answers there; stop it or choose another with --control");
  }
  base::check_syscall(name + ": cannot remove what is left there", unlink(path.c_str()));
}

void give_to_group(const std::filesystem::path& path) {
  const auto* group = getgrnam(kGroup);
  if (!group) return;
  // Without the privilege the socket stays with our own group: nobody gains access by that.
  [[maybe_unused]] const int result = chown(path.c_str(), static_cast<uid_t>(-1), group->gr_gid);
}

}  // namespace

SocketFile::SocketFile(std::filesystem::path path) : path_(std::move(path)) {
  const auto address = address_of(path_);
  make_folder();
  remove_stale(path_, address);
  bind_and_listen();
}

void SocketFile::make_folder() {
  const auto folder = path_.parent_path();
  if (folder.empty() || std::filesystem::exists(folder)) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw base::Error("control socket " + path_.string() + ": cannot make its folder: " + error.message() +
                      "; make it, or choose another with --control");
  made_folder_ = folder;
  base::check_syscall("chmod " + folder.string(), chmod(folder.c_str(), kFolderMode));
}

void SocketFile::bind_and_listen() {
  const auto name = "control socket " + path_.string();
  const auto address = address_of(path_);
  fd_ = new_socket();
  // Before bind(), so that the file is at no time open to everybody; after it, because the umask takes bits
  // away.
  base::check_syscall(name, fchmod(fd_.get(), kSocketMode));
  if (bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw base::Error(name + ": cannot be made: " + std::strerror(errno) +
                      "; make its folder writable, or choose another with --control");
  }
  struct stat status {};
  base::check_syscall(name, lstat(path_.c_str(), &status));
  device_ = status.st_dev;
  inode_ = status.st_ino;
  base::check_syscall(name, chmod(path_.c_str(), kSocketMode));
  give_to_group(path_);
  base::check_syscall(name, listen(fd_.get(), kBacklog));
}

SocketFile::~SocketFile() {
  struct stat status {};
  const bool ours = lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
  if (ours) unlink(path_.c_str());
  if (!made_folder_.empty()) rmdir(made_folder_.c_str());
}

}  // namespace sennit::api
