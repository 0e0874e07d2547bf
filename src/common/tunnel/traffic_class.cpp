#include "tunnel/traffic_class.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sennit::tunnel {

TrafficClass::TrafficClass(outbound::ClassId class_id, outbound::Mode mode, std::vector<std::string> links)
    : id(class_id), scheduler(mode), links_(std::move(links)) {}

bool TrafficClass::is_own(const link::Path& path) const {
  return std::ranges::find(links_, path.link_name) != links_.end();
}

void TrafficClass::survey(std::span<link::Path* const> paths) {
  if (links_.empty()) return scheduler.survey(paths);
  std::array<link::Path*, base::kMaxPaths> own{};
  std::size_t count = 0;
  for (auto* path : paths)
    if (path->is_usable() && is_own(*path)) own[count++] = path;
  scheduler.survey(count > 0 ? std::span<link::Path* const>(own).first(count) : paths);
}

bool TrafficClass::waits_for(const link::Path& path) const {
  return queue && !queue->empty() && (links_.empty() || scheduler.uses(path));
}

}  // namespace sennit::tunnel
