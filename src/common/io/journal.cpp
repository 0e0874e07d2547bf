#include "io/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <system_error>

#include "base/error.hpp"
#include "io/nftables.hpp"
#include "io/qdisc_tree.hpp"
#include "io/receive_offloads.hpp"
#include "io/sysctl.hpp"

namespace sennit::io {

namespace {

constexpr const char* kExtension = ".journal";
constexpr const char* kAnyValue = "*";

// Held while the journals of a directory are compared with the system, and one of them changes.
base::FileDescriptor lock_directory(const std::filesystem::path& directory) {
  const auto path = directory / "journal.lock";
  base::FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) {
    throw base::Error("cannot open " + path.string() + ": " + std::generic_category().message(errno) +
                      "; choose another directory with --state");
  }
  ::flock(lock.get(), LOCK_EX);
  return lock;
}

void make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) return;
  throw base::Error("cannot create " + directory.string() + ": " + error.message() +
                    "; choose another directory with --state");
}

void restore_sysctl(const Change& change) {
  const auto current = read_sysctl(change.key);
  if (!current || *current == change.before) return;
  if (change.after != kAnyValue && *current != change.after) return;
  // Refused: the interface went, or the system became read-only; there is nothing better to do.
  static_cast<void>(write_sysctl(change.key, change.before));
}

void restore(const Change& change) {
  switch (change.kind) {
    case ChangeKind::kSysctl: return restore_sysctl(change);
    case ChangeKind::kTable: return static_cast<void>(delete_table(change.key));
    // Nobody is left to hear that it could not be made again.
    case ChangeKind::kQdiscs: return static_cast<void>(put_back_qdiscs(change.key, change.before));
    case ChangeKind::kOffloads: return switch_offloads(change.key, change.before, Switch::kOn);
  }
}

[[noreturn]] void throw_sysctl_error(const std::string& key, const std::string& wanted,
                                     const std::string& reason) {
  throw base::Error("cannot set /proc/sys/" + key + " to " + wanted + ": " + reason +
                    "; set it yourself, or run where /proc/sys may be written");
}

}  // namespace

Journal::Journal(const std::filesystem::path& state_directory, const std::string& endpoint)
    : directory_(state_directory),
      system_(this_system()),
      path_(state_directory / (endpoint + "." + system_.network + kExtension)) {
  make_directory(directory_);
  const auto lock = lock_directory(directory_);
  file_ = std::make_unique<JournalFile>(path_);
  if (!file_->try_lock()) {
    throw base::Error("an endpoint with the interface " + endpoint +
                      " is running; stop it or choose another --tun");
  }
  recover_own();
  file_->begin();
  recover_others();
}

Journal::~Journal() {
  if (file_->changes().empty()) file_->remove();
}

void Journal::recover_own() const {
  if (file_->system() != system_) return;
  auto changes = file_->changes();
  std::ranges::reverse(changes);
  for (const auto& change : changes) give_back(change);
}

void Journal::recover_others() const {
  for (const auto& file : other_files()) {
    if (!file->try_lock()) continue;
    const auto system = file->system();
    if (system == system_) adopt(*file);
    // A reboot undid what an earlier boot left; what belongs to another namespace waits for an endpoint
    // there.
    if (system.boot != system_.boot) file->remove();
  }
}

void Journal::adopt(const JournalFile& orphan) const {
  auto changes = orphan.changes();
  for (const auto& change : changes) file_->append(change);
  orphan.remove();
  std::ranges::reverse(changes);
  for (const auto& change : changes) {
    give_back(change);
    file_->append_undone(change);
  }
}

std::vector<std::unique_ptr<JournalFile>> Journal::other_files() const {
  std::vector<std::unique_ptr<JournalFile>> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (entry.path().extension() != kExtension || entry.path() == path_) continue;
    files.push_back(std::make_unique<JournalFile>(entry.path()));
  }
  return files;
}

std::optional<Change> Journal::change_of_others(ChangeKind kind, const std::string& key) const {
  for (const auto& file : other_files()) {
    if (file->system() != system_ || file->try_lock()) continue;
    for (const auto& change : file->changes()) {
      if (change.kind == kind && change.key == key) return change;
    }
  }
  return std::nullopt;
}

bool Journal::is_needed_by_others(const Change& change) const {
  const bool is_shared = change.kind == ChangeKind::kSysctl || change.kind == ChangeKind::kOffloads;
  return is_shared && change_of_others(change.kind, change.key);
}

void Journal::give_back(const Change& change) const {
  if (!is_needed_by_others(change)) restore(change);
}

std::optional<Change> Journal::set_sysctl(const std::string& key, const std::string& wanted,
                                          Restore restore) {
  const auto lock = lock_directory(directory_);
  const auto current = read_sysctl(key);
  if (!current) throw_sysctl_error(key, wanted, "it cannot be read");
  const auto theirs = change_of_others(ChangeKind::kSysctl, key);
  if (!theirs && *current == wanted && restore == Restore::kIfUnchanged) return std::nullopt;
  const Change change{ChangeKind::kSysctl, key, theirs ? theirs->before : *current,
                      restore == Restore::kAlways ? kAnyValue : wanted};
  file_->append(change);
  if (*current == wanted) return change;
  if (const auto error = write_sysctl(key, wanted)) {
    file_->append_undone(change);
    throw_sysctl_error(key, wanted, error.message());
  }
  return change;
}

Change Journal::record_table(const std::string& name) {
  Change change{ChangeKind::kTable, name, {}, {}};
  file_->append(change);
  return change;
}

Change Journal::record_qdiscs(const std::string& interface, const std::string& before) {
  Change change{ChangeKind::kQdiscs, interface, before, {}};
  file_->append(change);
  return change;
}

std::optional<Change> Journal::switch_off_offloads(const std::string& interface) {
  const auto lock = lock_directory(directory_);
  const auto theirs = change_of_others(ChangeKind::kOffloads, interface);
  const auto names = receive_offloads_on(interface);
  if (!theirs && names.empty()) return std::nullopt;
  const Change change{ChangeKind::kOffloads, interface, theirs ? theirs->before : names, kAnyValue};
  file_->append(change);
  switch_offloads(interface, names, Switch::kOff);
  return change;
}

Change Journal::rename(const Change& change, const std::string& key) const noexcept {
  auto renamed = change;
  renamed.key = key;
  try {
    file_->append_renamed(change, key);
  } catch (const base::Error&) {
    // Only a run after a crash would miss it.
  }
  return renamed;
}

void Journal::undo(const Change& change) noexcept {
  base::FileDescriptor lock;
  bool is_needed = false;
  try {
    lock = lock_directory(directory_);
    is_needed = is_needed_by_others(change);
  } catch (const std::exception&) {
    // The state directory is gone: undo without asking the others.
  }
  try {
    if (!is_needed) restore(change);
    file_->append_undone(change);
  } catch (const std::exception&) {
    // The next run finds it in the journal.
  }
}

}  // namespace sennit::io
