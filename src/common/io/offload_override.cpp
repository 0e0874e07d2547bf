#include "io/offload_override.hpp"

#include <net/if.h>

#include <filesystem>
#include <set>

#include "io/receive_offloads.hpp"

namespace sennit::io {

namespace {

// The interface and those below it, which it gets its packets from.
void collect(const std::string& interface, std::set<std::string>& all) {
  constexpr std::string_view kLower = "lower_";
  if (!all.insert(interface).second) return;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/class/net/" + interface, error)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(kLower)) collect(name.substr(kLower.size()), all);
  }
}

}  // namespace

OffloadOverride::OffloadOverride(Journal& journal, const std::string& interface) : journal_(journal) {
  std::set<std::string> all;
  collect(interface, all);
  for (const auto& one : all) switch_off(one);
}

void OffloadOverride::switch_off(const std::string& interface) {
  const InterfaceIndex index{static_cast<int>(::if_nametoindex(interface.c_str()))};
  if (const auto change = journal_.switch_off_offloads(interface)) changed_.push_back({index, *change});
  const auto left = receive_offloads_on(interface);
  if (!left.empty()) left_on_ += (left_on_.empty() ? "" : ", ") + interface + ": " + left;
}

void OffloadOverride::follow_names() {
  for (auto& [index, change] : changed_) {
    const auto name = name_of(index);
    if (!name.empty() && name != change.key) change = journal_.rename(change, name);
  }
}

OffloadOverride::~OffloadOverride() {
  for (const auto& one : changed_) journal_.undo(one.change);
}

}  // namespace sennit::io
