#include "shell/printing.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.hpp"

namespace sennit::shell {

void print(const std::string& text) {
  std::cout << text << std::flush;
  if (!std::cout) throw base::Error("cannot write to standard output");
}

std::string pretty(const nlohmann::json& json) {
  constexpr int kIndent = 2;
  return json.dump(kIndent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace sennit::shell
