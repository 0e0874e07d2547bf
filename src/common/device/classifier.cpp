#include "device/classifier.hpp"

namespace sennit::device {

void Classifier::add(const base::Prefix& prefix, DeviceId device) {
  auto& lengths = prefix.family() == base::Family::kV4 ? v4_ : v6_;
  lengths[prefix.length()][prefix.network().address()] = device;
}

void Classifier::remove(const base::Prefix& prefix) {
  auto& lengths = prefix.family() == base::Family::kV4 ? v4_ : v6_;
  const auto owners = lengths.find(prefix.length());
  if (owners == lengths.end()) return;
  owners->second.erase(prefix.network().address());
  if (owners->second.empty()) lengths.erase(owners);
}

std::optional<DeviceId> Classifier::find(const base::IpAddress& address) const {
  return find_in(address.family() == base::Family::kV4 ? v4_ : v6_, address);
}

std::optional<DeviceId> Classifier::find_in(const ByLength& lengths, const base::IpAddress& address) {
  for (const auto& [length, owners] : lengths) {
    const auto found = owners.find(base::Prefix(address, length).network().address());
    if (found != owners.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<DeviceId> Classifier::owner(const base::Prefix& prefix) const {
  const auto& lengths = prefix.family() == base::Family::kV4 ? v4_ : v6_;
  const auto owners = lengths.find(prefix.length());
  if (owners == lengths.end()) return std::nullopt;
  const auto found = owners->second.find(prefix.network().address());
  if (found == owners->second.end()) return std::nullopt;
  return found->second;
}

}  // namespace sennit::device
