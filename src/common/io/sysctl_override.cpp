#include "io/sysctl_override.hpp"

#include <net/if.h>

#include <algorithm>

#include "io/sysctl.hpp"

namespace sennit::io {

namespace {

constexpr const char* kStrict = "1";
constexpr const char* kLoose = "2";

std::string reverse_path_filter(const std::string& interface) {
  return interface_sysctl(base::Family::kV4, interface, "rp_filter");
}

InterfaceIndex index_of(std::string_view interface) {
  return {static_cast<int>(::if_nametoindex(std::string(interface).c_str()))};
}

}  // namespace

SysctlOverride::SysctlOverride(Journal& journal, const std::string& key, const std::string& value,
                               Restore restore)
    : journal_(&journal),
      interface_(index_of(interface_of(key))),
      change_(journal.set_sysctl(key, value, restore)) {}

SysctlOverride::~SysctlOverride() {
  follow_name();
  if (change_) journal_->undo(*change_);
}

void SysctlOverride::follow_name() {
  if (!change_ || interface_.value == 0) return;
  const auto name = name_of(interface_);
  const auto before = interface_of(change_->key);
  if (name.empty() || name == before) return;
  auto key = change_->key;
  key.replace(static_cast<std::size_t>(before.data() - change_->key.data()), before.size(), name);
  change_ = journal_->rename(*change_, key);
}

std::optional<SysctlOverride> loosen_reverse_path_filter(Journal& journal, const std::string& interface) {
  const auto own = read_sysctl(reverse_path_filter(interface)).value_or(kLoose);
  const auto all = read_sysctl(reverse_path_filter("all")).value_or("0");
  // The kernel takes the larger of the two; the values are single digits.
  if (std::max(own, all) != kStrict) return std::nullopt;
  return SysctlOverride(journal, reverse_path_filter(interface), kLoose);
}

}  // namespace sennit::io
