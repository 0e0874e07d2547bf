#include "config/toml_text.hpp"

#include <optional>

namespace sennit::config {

namespace {

// Numbers are taken as users write them: `seed = 7`.
std::optional<std::string> value_text(const toml::node& node) {
  if (auto text = node.value_exact<std::string>()) return text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  return std::nullopt;
}

}  // namespace

Parsed<std::string> impairment_text(const toml::node& node) {
  const Invalid wrong{"it is neither a string nor a table of options",
                      R"("rate=780kbit delay=100ms" or { rate = "780kbit", delay = "100ms" })"};
  if (const auto* text = node.as_string()) return text->get();
  const auto* table = node.as_table();
  if (table == nullptr) return wrong;
  std::string joined;
  for (const auto& [key, value] : *table) {
    const auto text = value_text(value);
    if (!text) return wrong;
    joined.append(joined.empty() ? "" : " ").append(key.str()).append("=").append(*text);
  }
  return joined;
}

}  // namespace sennit::config
