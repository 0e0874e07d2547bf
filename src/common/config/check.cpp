#include "config/check.hpp"

#include "base/error.hpp"
#include "config/key_file.hpp"
#include "config/toml_file.hpp"
#include "config/validate.hpp"

namespace sennit::config {

namespace {

// An empty path names no key: whether that is allowed is not asked here.
template <class Read>
void check_key(const std::filesystem::path& file, const Origin& origin, Read read, Problems& problems) {
  if (file.empty()) return;
  try {
    read(file);
  } catch (const base::Error& error) {
    problems.add(origin, error.what());
  }
}

template <class Options>
Problems check_options(const Options& options) {
  auto problems = validate(options);
  problems.add_all(check_key_files(options));
  return problems;
}

}  // namespace

Problems check_key_files(const GatewayOptions& options) {
  Problems problems;
  const auto& endpoint = options.endpoint;
  check_key(endpoint.private_key_file, endpoint.origins.of("private_key_file"), read_private_key, problems);
  for (const auto& peer : options.peers) {
    check_key(peer.preshared_key_file, peer.origins.of("preshared_key_file"), read_preshared_key, problems);
  }
  return problems;
}

Problems check_key_files(const ClientOptions& options) {
  Problems problems;
  const auto& origins = options.endpoint.origins;
  check_key(options.endpoint.private_key_file, origins.of("private_key_file"), read_private_key, problems);
  check_key(options.preshared_key_file, origins.of("preshared_key_file"), read_preshared_key, problems);
  return problems;
}

std::vector<std::string> check_file(const std::filesystem::path& file) {
  auto loaded = load_file(file);
  if (const auto* gateway = std::get_if<GatewayOptions>(&loaded.options)) {
    loaded.problems.add_all(check_options(*gateway));
  } else if (const auto* client = std::get_if<ClientOptions>(&loaded.options)) {
    loaded.problems.add_all(check_options(*client));
  }
  return loaded.problems.texts();
}

}  // namespace sennit::config
