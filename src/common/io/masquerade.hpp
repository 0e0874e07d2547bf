// Owns an nftables table of ours that masquerades what leaves the tunnel through one interface, v4 and v6.
// Made by the gateway for --masquerade; the journal deletes the table if we are killed.
// Does not switch forwarding on (ForwardingOverride), and does not open other people's forward filters.
// Invariant: no table, chain or rule that is not ours is touched.
#pragma once

#include <string>

#include "io/journal.hpp"

namespace sennit::io {

// "sennit_" and the interface's name; characters nftables does not allow in names become _xx, their code.
std::string table_name(const std::string& tunnel);

class Masquerade {
 public:
  // Replaces a table of the same name. Throws base::Error when the kernel refuses. `journal` must outlive the
  // owner.
  Masquerade(Journal& journal, const std::string& tunnel, const std::string& out_interface);
  Masquerade(const Masquerade&) = delete;
  Masquerade& operator=(const Masquerade&) = delete;
  ~Masquerade();

 private:
  Journal& journal_;
  Change change_;
};

}  // namespace sennit::io
