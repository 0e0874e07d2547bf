#include "io/journal_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/error.hpp"

namespace sennit::io {

namespace {

constexpr const char* kMagic = "sennit-journal-1";

constexpr std::array<std::pair<ChangeKind, const char*>, 4> kKinds{{{ChangeKind::kSysctl, "sysctl"},
                                                                    {ChangeKind::kTable, "table"},
                                                                    {ChangeKind::kQdiscs, "qdiscs"},
                                                                    {ChangeKind::kOffloads, "offloads"}}};

std::string kind_name(ChangeKind kind) {
  return std::ranges::find(kKinds, kind, &std::pair<ChangeKind, const char*>::first)->second;
}

ChangeKind kind_of(const std::string& name) {
  for (const auto& [kind, its_name] : kKinds)
    if (name == its_name) return kind;
  return ChangeKind::kSysctl;
}

// The kernel numbers network namespaces since 5.14 and reuses no number; before, the inode has to do.
std::string network_namespace() {
  const base::FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  std::uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0)
    return std::to_string(cookie);
  struct stat status {};
  base::check_syscall("cannot tell the network namespace", ::stat("/proc/thread-self/ns/net", &status));
  return "inode" + std::to_string(status.st_ino);
}

std::string boot_identity() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  return boot;
}

void apply_line(const std::string& line, std::vector<Change>& changes) {
  std::istringstream words(line);
  std::string sign;
  std::string kind;
  Change change;
  words >> sign >> kind >> change.key >> change.before >> change.after;
  change.kind = kind_of(kind);
  const auto is_same = [&](const Change& c) { return c.kind == change.kind && c.key == change.key; };
  if (sign == "+") changes.push_back(change);
  if (sign == "-") std::erase_if(changes, is_same);
  if (sign != "=") return;
  const auto renamed = std::ranges::find_if(changes, is_same);
  if (renamed != changes.end()) renamed->key = change.before;
}

}  // namespace

SystemIdentity this_system() {
  return {boot_identity(), network_namespace()};
}

JournalFile::JournalFile(const std::filesystem::path& path)
    : path_(path), fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
  if (fd_) return;
  throw base::Error("cannot open " + path.string() + ": " + std::generic_category().message(errno) +
                    "; choose another directory with --state");
}

bool JournalFile::try_lock() const {
  return ::flock(fd_.get(), LOCK_EX | LOCK_NB) == 0;
}

std::string JournalFile::read_all() const {
  std::string text;
  std::array<char, 4096> part{};
  while (true) {
    const auto length = ::pread(fd_.get(), part.data(), part.size(), static_cast<off_t>(text.size()));
    if (length <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(length));
  }
}

std::vector<Change> JournalFile::changes() const {
  std::vector<Change> changes;
  std::istringstream lines(read_all());
  std::string line;
  while (std::getline(lines, line) && !lines.eof()) apply_line(line, changes);
  return changes;
}

SystemIdentity JournalFile::system() const {
  std::istringstream words(read_all());
  std::string magic;
  SystemIdentity system;
  words >> magic >> system.boot >> system.network;
  return magic == kMagic ? system : SystemIdentity{};
}

void JournalFile::begin() const {
  base::check_syscall("cannot empty " + path_.string(), ::ftruncate(fd_.get(), 0));
  const auto system = this_system();
  write_line(std::string(kMagic) + " " + system.boot + " " + system.network);
  const base::FileDescriptor directory(
      ::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  base::check_syscall("cannot write " + path_.parent_path().string(), ::fsync(directory.get()));
}

void JournalFile::append(const Change& change) const {
  write_line("+ " + kind_name(change.kind) + " " + change.key + " " + change.before + " " + change.after);
}

void JournalFile::append_renamed(const Change& change, const std::string& key) const {
  write_line("= " + kind_name(change.kind) + " " + change.key + " " + key);
}

void JournalFile::append_undone(const Change& change) const {
  write_line("- " + kind_name(change.kind) + " " + change.key);
}

void JournalFile::write_line(const std::string& line) const {
  const std::string text = line + "\n";
  const auto written = ::write(fd_.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) || ::fsync(fd_.get()) < 0) {
    throw base::Error("cannot write " + path_.string() + ": " + std::generic_category().message(errno));
  }
}

void JournalFile::remove() const {
  ::unlink(path_.c_str());
}

}  // namespace sennit::io
