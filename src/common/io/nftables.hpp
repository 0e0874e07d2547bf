// Runs nftables commands in the network namespace of the calling thread.
// Used by Masquerade, Journal and the server's tc; the only place that knows libnftables.
// Invariant: a buffer of commands is one transaction, all or nothing; nothing is printed.
#pragma once

#include <memory>
#include <string>

struct nft_ctx;

namespace sennit::io {

// Keeps what libnftables reads when it starts, for who has many commands.
class Nftables {
 public:
  // Throws base::Error where libnftables does not start.
  Nftables();
  // Empty when done; otherwise what nftables says, one line.
  [[nodiscard]] std::string run(const std::string& commands);

 private:
  std::unique_ptr<nft_ctx, void (*)(nft_ctx*)> context_;
};

// Empty when done; otherwise what nftables says, one line.
[[nodiscard]] std::string run_nftables(const std::string& commands);
// Deletes `table inet NAME`; done, too, where there is none.
[[nodiscard]] std::string delete_table(const std::string& name);

}  // namespace sennit::io
