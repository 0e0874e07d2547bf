#include "base/device_match.hpp"

namespace sennit::base {

std::string to_string(const DeviceMatch& match) {
  if (const auto* mac = std::get_if<MacAddress>(&match)) return mac->to_string();
  const auto& prefix = std::get<Prefix>(match);
  return prefix.is_host() ? prefix.address().to_string() : prefix.to_string();
}

}  // namespace sennit::base
