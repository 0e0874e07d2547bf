#include "api/filters.hpp"

#include <nlohmann/json.hpp>

#include "api/aligned.hpp"
#include "base/error.hpp"

namespace sennit::api {

namespace {

using nlohmann::json;

json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

std::string text_at(const json& object, const char* key) {
  return object.at(key).is_string() ? object.at(key).get<std::string>() : std::string();
}

json encode(const FilterStatus& filter) {
  return {{"number", filter.number},       {"device", text_or_null(filter.device)},
          {"direction", filter.direction}, {"match", filter.match},
          {"action", filter.action},       {"to", text_or_null(filter.to)},
          {"packets", filter.packets},     {"bytes", filter.bytes.value},
          {"missed", filter.missed}};
}

FilterStatus decode(const json& object) {
  FilterStatus filter;
  filter.number = object.at("number").get<std::uint32_t>();
  filter.device = text_at(object, "device");
  filter.direction = object.at("direction").get<std::string>();
  filter.match = object.at("match").get<std::string>();
  filter.action = object.at("action").get<std::string>();
  filter.to = text_at(object, "to");
  filter.packets = object.at("packets").get<std::uint64_t>();
  filter.bytes = {object.at("bytes").get<std::uint64_t>()};
  filter.missed = object.at("missed").get<std::uint64_t>();
  return filter;
}

std::string or_else(const std::string& text, const char* other) {
  return text.empty() ? other : text;
}

Row row_of(const FilterStatus& filter) {
  return {std::to_string(filter.number),
          or_else(filter.device, "all"),
          filter.direction,
          or_else(filter.match, "any"),
          filter.action + (filter.to.empty() ? "" : " to " + filter.to),
          std::to_string(filter.packets),
          std::to_string(filter.bytes.value),
          std::to_string(filter.missed)};
}

}  // namespace

nlohmann::json to_json(const std::vector<FilterStatus>& filters) {
  auto list = json::array();
  for (const auto& filter : filters) list.push_back(encode(filter));
  return list;
}

std::vector<FilterStatus> filters_from_json(const nlohmann::json& source) {
  try {
    std::vector<FilterStatus> filters;
    for (const auto& object : source) filters.push_back(decode(object));
    return filters;
  } catch (const json::exception& error) {
    throw base::Error(std::string("the endpoint's answer is not understood, is it of another version? ") +
                      error.what());
  }
}

std::string to_table(const std::vector<FilterStatus>& filters) {
  std::vector<Row> rows{{"filter", "device", "direction", "match", "action", "packets", "bytes", "missed"}};
  for (const auto& filter : filters) rows.push_back(row_of(filter));
  return aligned(rows, "");
}

}  // namespace sennit::api
