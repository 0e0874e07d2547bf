#include "io/forwarding_override.hpp"

#include "io/sysctl.hpp"

namespace sennit::io {

namespace {

constexpr const char* kOn = "1";
constexpr const char* kAcceptAlsoAsRouter = "2";

}  // namespace

ForwardingOverride::ForwardingOverride(Journal& journal, base::Family family) {
  const auto key = interface_sysctl(family, "all", "forwarding");
  if (family == base::Family::kV6) keep_router_advertisements(journal);
  // Undone in reverse: the switch for all first, then each interface's own, then the rest.
  for (const auto& interface : sysctl_interfaces(family)) {
    if (interface != "all") keep(journal, interface_sysctl(family, interface, "forwarding"));
  }
  if (family == base::Family::kV4) keep(journal, interface_sysctl(family, "all", "accept_redirects"));
  overrides_.emplace_back(journal, key, kOn);
}

ForwardingOverride::~ForwardingOverride() {
  while (!overrides_.empty()) overrides_.pop_back();
}

void ForwardingOverride::follow_names() {
  for (auto& one : overrides_) one.follow_name();
}

void ForwardingOverride::keep(Journal& journal, const std::string& key) {
  if (const auto value = read_sysctl(key)) overrides_.emplace_back(journal, key, *value, Restore::kAlways);
}

void ForwardingOverride::keep_router_advertisements(Journal& journal) {
  for (const auto& interface : sysctl_interfaces(base::Family::kV6)) {
    const bool one_interface = interface != "all" && interface != "default";
    const auto key = interface_sysctl(base::Family::kV6, interface, "accept_ra");
    if (one_interface && read_sysctl(key) == kOn) overrides_.emplace_back(journal, key, kAcceptAlsoAsRouter);
  }
}

}  // namespace sennit::io
