#include "config/validate_policies.hpp"

#include <algorithm>

namespace sennit::config {

namespace {

// A class of traffic is one byte in the core, and each costs some state a peer.
constexpr std::size_t kMostPolicies = 63;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

void check_names(const PolicyOptions& policy, std::string_view key, const std::vector<std::string>& names,
                 const std::vector<std::string>& known, Problems& problems) {
  for (const auto& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    problems.add(policy.origins.of(key),
                 "'" + name + "' is not the name of a " + std::string(key) + "; allowed: " + joined(known));
  }
}

bool was_refused(const PolicyOptions& policy, std::initializer_list<const char*> keys) {
  return std::ranges::any_of(keys, [&](const char* key) { return policy.origins.was_refused(key); });
}

void check_policy(const PolicyOptions& policy, const std::vector<std::string>& devices,
                  const std::optional<std::vector<std::string>>& links, Problems& problems) {
  if (!policy.match.asks() && policy.devices.empty() &&
      !was_refused(policy, {"match", "dscp", "protocol", "port", "address", "device"})) {
    problems.add(policy.origins.whole(),
                 "matches nothing in particular; give match = { … } with dscp, protocol, port, address or "
                 "device");
  }
  if (!policy.mode && policy.links.empty() && !was_refused(policy, {"mode", "link"}))
    problems.add(policy.origins.whole(), "changes nothing; give mode or link");
  check_names(policy, "device", policy.devices, devices, problems);
  if (links) check_names(policy, "link", policy.links, *links, problems);
}

}  // namespace

void validate_policies(const EndpointOptions& endpoint, const std::optional<std::vector<std::string>>& links,
                       Problems& problems) {
  std::vector<std::string> devices;
  for (const auto& device : endpoint.devices) devices.push_back(device.display_name());
  for (const auto& policy : endpoint.policies) check_policy(policy, devices, links, problems);
  if (endpoint.policies.size() > kMostPolicies)
    problems.add(endpoint.policies[kMostPolicies].origins.whole(), "is one too many; allowed: 63 policies");
}

}  // namespace sennit::config
