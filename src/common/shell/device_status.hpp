// Devices as status shows them: what is set, from the book, and what was achieved, from the back end's
// report. Pure, as status.hpp.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "api/devices.hpp"
#include "base/time.hpp"
#include "config/profiles.hpp"
#include "device/table.hpp"
#include "shell/device_book.hpp"

namespace sennit::shell {

// One direction of a device or link: `settings` beside what `report` counted; none where it is not impaired.
std::optional<api::DirectionStatus> direction_of(const std::optional<impair::Settings>& settings,
                                                 const std::optional<device::LaneReport>& report,
                                                 base::Instant now);

// Who impairs a device.
using BackendName = std::function<std::string_view(const base::DeviceMatch&)>;
std::vector<api::DeviceStatus> status_of(const std::vector<Device>& devices,
                                         const std::vector<device::DeviceReport>& reports,
                                         const BackendName& backend_of, base::Now now);
std::vector<api::ProfileStatus> status_of(const std::vector<config::Profile>& profiles);

}  // namespace sennit::shell
