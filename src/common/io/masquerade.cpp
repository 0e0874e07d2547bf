#include "io/masquerade.hpp"

#include <array>
#include <cctype>
#include <cstdio>

#include "base/error.hpp"
#include "io/nftables.hpp"

namespace sennit::io {

namespace {

// Interface names may hold anything but '/' and white space; a quote would end the string we put them in.
void check_name(const std::string& interface) {
  if (!interface.empty() && interface.find_first_of("\"\\*\n") == std::string::npos) return;
  throw base::UsageError("'" + interface + "' is no name of an interface that nftables takes; rename it");
}

// Adding before deleting makes the deletion succeed in any case; all is one transaction.
std::string ruleset(const std::string& table, const std::string& tunnel, const std::string& out_interface) {
  return "add table inet " + table + "\ndelete table inet " + table + "\ntable inet " + table +
         " {\n  chain postrouting {\n    type nat hook postrouting priority srcnat; policy accept;\n    "
         "iifname \"" +
         tunnel + "\" oifname \"" + out_interface + "\" masquerade\n  }\n}\n";
}

}  // namespace

std::string table_name(const std::string& tunnel) {
  std::string name = "sennit_";
  for (const char c : tunnel) {
    const auto code = static_cast<unsigned char>(c);
    std::array<char, 4> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "_%02x", code);
    name += std::isalnum(code) != 0 ? std::string(1, c) : std::string(escaped.data());
  }
  return name;
}

Masquerade::Masquerade(Journal& journal, const std::string& tunnel, const std::string& out_interface)
    : journal_(journal) {
  check_name(tunnel);
  check_name(out_interface);
  const auto table = table_name(tunnel);
  change_ = journal_.record_table(table);
  const auto refusal = run_nftables(ruleset(table, tunnel, out_interface));
  if (refusal.empty()) return;
  journal_.undo(change_);
  throw base::Error("cannot masquerade the tunnel's traffic out of " + out_interface + ": nftables says '" +
                    refusal +
                    "'; run as root on a kernel with nf_tables and masquerading (`modprobe nft_masq`)");
}

Masquerade::~Masquerade() {
  journal_.undo(change_);
}

}  // namespace sennit::io
