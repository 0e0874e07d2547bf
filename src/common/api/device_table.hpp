// What `sennit device` and `sennit profile` print for people. Its form may change; scripts use JSON.
#pragma once

#include <string>
#include <vector>

#include "api/devices.hpp"

namespace sennit::api {

// One row a device.
std::string to_table(const std::vector<DeviceStatus>& devices);
// One device with what was achieved beside what is set.
std::string to_text(const DeviceStatus& device);
// One row a profile.
std::string to_table(const std::vector<ProfileStatus>& profiles);
// One profile.
std::string to_text(const ProfileStatus& profile);

}  // namespace sennit::api
