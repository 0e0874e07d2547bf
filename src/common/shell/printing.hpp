// What commands print on standard output.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sennit::shell {

// Throws base::Error where nobody takes it.
void print(const std::string& text);
// Indented, with a line break.
std::string pretty(const nlohmann::json& json);

}  // namespace sennit::shell
