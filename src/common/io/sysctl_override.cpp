#include "io/sysctl_override.hpp"

#include <algorithm>

#include "io/sysctl.hpp"

namespace sennit::io {

namespace {

constexpr const char* kStrict = "1";
constexpr const char* kLoose = "2";

std::string reverse_path_filter(const std::string& interface) {
  return interface_sysctl(base::Family::kV4, interface, "rp_filter");
}

}  // namespace

std::optional<SysctlOverride> loosen_reverse_path_filter(Journal& journal, const std::string& interface) {
  const auto own = read_sysctl(reverse_path_filter(interface)).value_or(kLoose);
  const auto all = read_sysctl(reverse_path_filter("all")).value_or("0");
  // The kernel takes the larger of the two; the values are single digits.
  if (std::max(own, all) != kStrict) return std::nullopt;
  return SysctlOverride(journal, reverse_path_filter(interface), kLoose);
}

}  // namespace sennit::io
