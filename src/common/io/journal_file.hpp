// The file in which a running endpoint keeps what it changed in the system, so that a later run can undo it.
// Used only by Journal. A text file that is only appended to: a header line, then "+ KIND KEY [BEFORE AFTER]"
// for a change about to be made, "- KIND KEY" for one undone and "= KIND KEY NEWKEY" for one of an interface
// that has another name; a last line without its end was never finished and is ignored. Invariant: the file
// is locked for as long as its endpoint lives; what append() returned from is on the disk.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.hpp"

namespace sennit::io {

enum class ChangeKind {
  kSysctl,    // `key` was `before`, is `after`
  kTable,     // the nftables table `inet key` was created
  kQdiscs,    // the qdiscs of interface `key` were `before` (QdiscTree's text), are ours
  kOffloads,  // the receive offloads `before` of interface `key` were on, are off
};

struct Change {
  ChangeKind kind = ChangeKind::kSysctl;
  std::string key;
  std::string before;
  std::string after;
};

// Identifies this boot and this network namespace: changes made in another one are not ours to undo.
struct SystemIdentity {
  std::string boot;
  std::string network;
  bool operator==(const SystemIdentity&) const = default;
};
SystemIdentity this_system();

class JournalFile {
 public:
  // Opens, creating it where it does not exist. Throws base::Error when that is refused.
  explicit JournalFile(const std::filesystem::path& path);

  // False where a living endpoint holds it.
  bool try_lock() const;
  // Changes not undone yet, in the order in which they were made, and where they were made.
  std::vector<Change> changes() const;
  SystemIdentity system() const;

  // Empties the file and writes the header of this system.
  void begin() const;
  // `change` is about to be made.
  void append(const Change& change) const;
  // The change of this kind and key has another key now.
  void append_renamed(const Change& change, const std::string& key) const;
  // The change of this kind and key was undone.
  void append_undone(const Change& change) const;
  void remove() const;

 private:
  std::string read_all() const;
  void write_line(const std::string& line) const;

  std::filesystem::path path_;
  base::FileDescriptor fd_;
};

}  // namespace sennit::io
