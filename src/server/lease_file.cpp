#include "server/lease_file.hpp"

#include <nlohmann/json.hpp>

#include "shell/state_file.hpp"

namespace sennit::server {

namespace {

using Json = nlohmann::json;

std::vector<base::IpAddress> parse_addresses(const Json& list) {
  std::vector<base::IpAddress> addresses;
  if (!list.is_array()) return addresses;
  for (const Json& entry : list) {
    if (!entry.is_string()) continue;
    if (const auto address = base::IpAddress::parse(entry.get_ref<const std::string&>()))
      addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

LeaseTable parse_leases(std::string_view text) {
  LeaseTable table;
  const Json document = Json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("leases") || !document["leases"].is_object()) return table;
  for (const auto& [name, list] : document["leases"].items()) {
    if (const auto key = crypto::PublicKey::from_base64(name)) table[*key] = parse_addresses(list);
  }
  return table;
}

std::string format_leases(const LeaseTable& table) {
  Json leases = Json::object();
  for (const auto& [key, addresses] : table) {
    Json& list = leases[key.to_base64()] = Json::array();
    for (const auto& address : addresses) list.push_back(address.to_string());
  }
  return Json{{"leases", leases}}.dump(2) + "\n";
}

LeaseTable read_leases(const std::filesystem::path& file) {
  return parse_leases(shell::read_state_file(file).value_or(""));
}

void write_leases(const std::filesystem::path& file, const LeaseTable& table) {
  shell::write_state_file(file, format_leases(table));
}

}  // namespace sennit::server
