#include "config/validate_filters.hpp"

#include <algorithm>

#include "config/nearest.hpp"

namespace sennit::config {

namespace {

void check_device(const FilterOptions& filter, std::string_view key, const std::string& name,
                  const std::vector<std::string>& known, Problems& problems) {
  if (name.empty() || std::ranges::find(known, name) != known.end()) return;
  problems.add(filter.origins.of(key),
               "'" + name + "' is not the name of a device; " +
                   (known.empty() ? "add a [[device]] table for it" : suggestion(name, known)));
}

void check_filter(const FilterOptions& filter, const std::vector<std::string>& devices, Problems& problems) {
  const auto fault = check_filter(filter);
  if (fault && !filter.origins.was_refused(fault->key) && !filter.origins.was_refused("action"))
    problems.add(filter.origins.of(fault->key), fault->wrong + "; allowed: " + fault->remedy);
  check_device(filter, "device", filter.device, devices, problems);
  if (filter.to) check_device(filter, "to", filter.to->device, devices, problems);
}

}  // namespace

void validate_filters(const EndpointOptions& endpoint, Shaping backend, Problems& problems) {
  if (backend == Shaping::kTc && !endpoint.filters.empty())
    return problems.add(
        endpoint.filters.front().origins.whole(),
        "filters work in the tunnel alone, and devices are left to tc here; remove it, or use nft");
  std::vector<std::string> devices;
  for (const auto& device : endpoint.devices) devices.push_back(device.display_name());
  for (const auto& filter : endpoint.filters) check_filter(filter, devices, problems);
}

}  // namespace sennit::config
