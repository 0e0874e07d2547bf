// What this endpoint changed in the system beyond its own interface, written to disk before each change.
// Stands under SysctlOverride, OffloadOverride, ForwardingOverride and Masquerade; a shell makes one first of
// all. Endpoints that share a state directory share settings: the last one to leave restores what the first
// one found. Invariant: after construction nothing is left of runs that were killed in this network
// namespace.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/journal_file.hpp"

namespace sennit::io {

// Whether a setting is put back although somebody else has changed it meanwhile.
enum class Restore {
  kIfUnchanged,
  kAlways,  // for settings that follow another one of ours by themselves
};

class Journal {
 public:
  // Undoes what killed runs left, then starts this one's. `endpoint` is the name of its TUN interface.
  // Throws base::Error when the directory cannot be written or a running endpoint has the same name.
  Journal(const std::filesystem::path& state_directory, const std::string& endpoint);
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  ~Journal();

  // Sets a sysctl to `wanted`. Nothing to undo() where it has that value already and no other endpoint set
  // it. Throws base::Error when the kernel refuses.
  std::optional<Change> set_sysctl(const std::string& key, const std::string& wanted, Restore restore);
  // A table of this name is about to be created.
  Change record_table(const std::string& name);
  // The qdiscs of this interface, which are `before` as QdiscTree writes them, are about to be replaced.
  Change record_qdiscs(const std::string& interface, const std::string& before);
  // Switches the receive offloads of this interface off. Nothing to undo() where none was on and no other
  // endpoint switched one off. What the kernel refuses stays on.
  std::optional<Change> switch_off_offloads(const std::string& interface);
  // Undoes a change, unless another running endpoint still needs it, and forgets it.
  void undo(const Change& change) noexcept;
  // What it changed has this key now, because an interface has another name; the change from now on.
  Change rename(const Change& change, const std::string& key) const noexcept;
  // What it changed is no more.
  void forget(const Change& change) const { file_->append_undone(change); }

 private:
  // The running endpoints' change of this sysctl or these offloads, if there is one.
  std::optional<Change> change_of_others(ChangeKind kind, const std::string& key) const;
  bool is_needed_by_others(const Change& change) const;
  std::vector<std::unique_ptr<JournalFile>> other_files() const;
  void recover_own() const;
  void recover_others() const;
  // Takes over and undoes what a killed endpoint of this namespace left.
  void adopt(const JournalFile& orphan) const;
  void give_back(const Change& change) const;

  std::filesystem::path directory_;
  SystemIdentity system_;
  std::filesystem::path path_;
  std::unique_ptr<JournalFile> file_;
};

}  // namespace sennit::io
