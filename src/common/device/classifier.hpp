// Whose packet is it: from an inner address to the device that owns the longest prefix around it.
// Asked once a packet and direction where any device is known. The cost depends on how many different prefix
// lengths are in use, not on how many devices. Knows nothing of what happens to the packet.
// Invariant: a prefix belongs to one device; of two that were given the same one, to the later.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/address.hpp"
#include "base/units.hpp"

namespace sennit::device {

// A place in the table of devices; used again when its device is gone.
using DeviceId = base::Identifier<struct DeviceTag, std::uint32_t>;

class Classifier {
 public:
  void add(const base::Prefix& prefix, DeviceId device);
  void remove(const base::Prefix& prefix);
  // The device of the longest prefix that holds this address.
  std::optional<DeviceId> find(const base::IpAddress& address) const;
  // The device that was given exactly this prefix.
  std::optional<DeviceId> owner(const base::Prefix& prefix) const;

 private:
  using Owners = std::unordered_map<base::IpAddress, DeviceId>;
  // Longest first, one map a length.
  using ByLength = std::map<unsigned, Owners, std::greater<>>;

  static std::optional<DeviceId> find_in(const ByLength& lengths, const base::IpAddress& address);

  ByLength v4_;
  ByLength v6_;
};

}  // namespace sennit::device
