// Owns one changed kernel setting; of an interface that is renamed, it goes along with the interface.
// Made by the shells and by ForwardingOverride; the journal remembers the old value in case we are killed.
// Invariant: when the owner goes, the setting is as it was found, unless somebody else changed it meanwhile
// or another endpoint still needs it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "io/interface.hpp"
#include "io/journal.hpp"

namespace sennit::io {

class SysctlOverride {
 public:
  // Throws base::Error when the kernel refuses. `journal` must outlive the owner.
  SysctlOverride(Journal& journal, const std::string& key, const std::string& value,
                 Restore restore = Restore::kIfUnchanged);
  SysctlOverride(SysctlOverride&& other) noexcept
      : journal_(other.journal_),
        interface_(other.interface_),
        change_(std::exchange(other.change_, std::nullopt)) {}
  SysctlOverride& operator=(SysctlOverride&&) = delete;
  ~SysctlOverride();

  // Tells the journal the name that the interface has now; for when it may have been renamed.
  void follow_name();

 private:
  Journal* journal_;
  InterfaceIndex interface_;  // none: a setting of no one interface
  std::optional<Change> change_;
};

// Strict reverse path filtering on an interface drops what comes back over another link than the best
// route's: loosens it there. Nothing where it is off or loose already.
std::optional<SysctlOverride> loosen_reverse_path_filter(Journal& journal, const std::string& interface);

}  // namespace sennit::io
