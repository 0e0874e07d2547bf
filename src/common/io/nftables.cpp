#include "io/nftables.hpp"

#include <nftables/libnftables.h>

#include "base/error.hpp"

namespace sennit::io {

namespace {

std::string first_line(const char* text) {
  const std::string whole = text == nullptr ? "" : text;
  return whole.empty() ? "no reason given" : whole.substr(0, whole.find('\n'));
}

}  // namespace

Nftables::Nftables() : context_(nft_ctx_new(NFT_CTX_DEFAULT), &nft_ctx_free) {
  if (context_ == nullptr) throw base::Error("cannot start libnftables");
  nft_ctx_buffer_output(context_.get());
  nft_ctx_buffer_error(context_.get());
}

std::string Nftables::run(const std::string& commands) {
  if (nft_run_cmd_from_buffer(context_.get(), commands.c_str()) == 0) return {};
  return first_line(nft_ctx_get_error_buffer(context_.get()));
}

std::string run_nftables(const std::string& commands) {
  return Nftables().run(commands);
}

std::string delete_table(const std::string& name) {
  // Deleting what is not there is an error, creating what is there is not.
  return run_nftables("add table inet " + name + "\ndelete table inet " + name + "\n");
}

}  // namespace sennit::io
