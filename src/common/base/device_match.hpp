// What a device is known by: addresses and networks, which are its own, or a MAC address, which has the
// addresses that the neighbour table gives it.
// From config, where it is read, to the back ends, where the first match of a device is its key.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/mac_address.hpp"

namespace sennit::base {

using DeviceMatch = std::variant<Prefix, MacAddress>;

// A device, and the inner addresses that are its own now: none where its MAC address has not been seen.
struct DeviceAddresses {
  DeviceMatch device;
  std::vector<Prefix> addresses;
  bool operator==(const DeviceAddresses&) const = default;
};

// As users write it: an address without its length.
std::string to_string(const DeviceMatch& match);

}  // namespace sennit::base
