// Owns that an interface hands packets on as they came: its receive offloads are off, and those of the
// interfaces below it (a bridge's ports, a VLAN's parent).
// Held by the server's tc, whose qdiscs would delay, lose and count a superpacket as one packet; the journal
// remembers what was on in case we are killed. Does not reach who sends superpackets on the same machine.
// Invariant: when the owner goes, what it switched off is on again, unless another endpoint still needs it
// off. Reasons: docs/shaping.md, "Superpackets".
#pragma once

#include <string>
#include <vector>

#include "io/interface.hpp"
#include "io/journal.hpp"

namespace sennit::io {

class OffloadOverride {
 public:
  // `journal` must outlive the owner.
  OffloadOverride(Journal& journal, const std::string& interface);
  OffloadOverride(const OffloadOverride&) = delete;
  OffloadOverride& operator=(const OffloadOverride&) = delete;
  ~OffloadOverride();

  // Gives them back by the names that they have now; for when an interface may have been renamed.
  void follow_names();
  // What could not be switched off, as "eth0: rx-gro-hw"; empty where all could.
  const std::string& left_on() const { return left_on_; }

 private:
  struct Interface {
    InterfaceIndex index;
    Change change;
  };

  void switch_off(const std::string& interface);

  Journal& journal_;
  std::vector<Interface> changed_;
  std::string left_on_;
};

}  // namespace sennit::io
