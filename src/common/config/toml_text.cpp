#include "config/toml_text.hpp"

#include <optional>
#include <sstream>

namespace sennit::config {

namespace {

// Numbers are taken as users write them: `seed = 7`.
std::optional<std::string> value_text(const toml::node& node) {
  if (auto text = node.value_exact<std::string>()) return text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  return std::nullopt;
}

}  // namespace

ImpairmentNode read_impairment(const toml::node& node) {
  if (const auto* text = node.as_string()) return {text->get(), {}, {}};
  const auto* table = node.as_table();
  if (table == nullptr) {
    const Invalid invalid{"it is neither a string nor a table of options",
                          R"("rate=780kbit delay=100ms" or { rate = "780kbit", delay = "100ms" })"};
    return {{}, {}, {{node.source().begin.line, invalid}}};
  }
  ImpairmentNode found;
  for (const auto& [key, value] : *table) {
    const std::string name(key.str());
    const auto line = key.source().begin.line;
    found.lines.emplace(name, line);
    if (const auto text = value_text(value)) {
      found.text.append(found.text.empty() ? "" : " ").append(name).append("=").append(*text);
    } else {
      found.refused.push_back({line, {name + ": is " + kind_of(value), R"(a string, as in "1%" or "20ms")"}});
    }
  }
  return found;
}

Parsed<std::string> impairment_text(const toml::node& node) {
  auto found = read_impairment(node);
  if (!found.refused.empty()) return found.refused.front().second;
  return found.text;
}

std::string kind_of(const toml::node& node) {
  std::ostringstream text;
  text << node.type();
  const auto kind = text.str();
  const bool vowel = std::string_view("aeiou").find(kind.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + kind;
}

}  // namespace sennit::config
