// Runs nftables commands in the network namespace of the calling thread.
// Used by Masquerade and Journal; the only place that knows libnftables.
// Invariant: a buffer of commands is one transaction, all or nothing; nothing is printed.
#pragma once

#include <string>

namespace sennit::io {

// Empty when done; otherwise what nftables says, one line.
[[nodiscard]] std::string run_nftables(const std::string& commands);
// Deletes `table inet NAME`; done, too, where there is none.
[[nodiscard]] std::string delete_table(const std::string& name);

}  // namespace sennit::io
