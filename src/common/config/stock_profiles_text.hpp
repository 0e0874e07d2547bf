// The text of conf/profiles.toml, put into the program when it is built (src/CMakeLists.txt).
#pragma once

#include <string_view>

namespace sennit::config {

extern const std::string_view kStockProfiles;

}  // namespace sennit::config
