#include "config/check.hpp"

#include "base/error.hpp"
#include "config/key_file.hpp"
#include "config/options.hpp"
#include "config/problem.hpp"
#include "config/toml_file.hpp"
#include "config/validate.hpp"

namespace sennit::config {

namespace {

struct Findings {
  Problems problems;
  Problems notes;
};

bool is_missing(const std::filesystem::path& file) {
  std::error_code error;
  return !std::filesystem::exists(file, error) && !error;
}

// An empty path names no key: whether that is allowed is not asked here.
template <class Read>
void check_key(const std::filesystem::path& file, const Origin& origin, Read read, Findings& findings) {
  if (file.empty()) return;
  if (is_missing(file)) {
    const auto name = file.string();
    return findings.notes.add(
        origin, name + " does not exist yet; make one there with `sennit keygen -o " + name + "`");
  }
  try {
    read(file);
  } catch (const base::Error& error) {
    findings.problems.add(origin, error.what());
  }
}

void check_key_files(const GatewayOptions& options, Findings& findings) {
  const auto& endpoint = options.endpoint;
  check_key(endpoint.private_key_file, endpoint.origins.of("private_key_file"), read_private_key, findings);
  for (const auto& peer : options.peers) {
    check_key(peer.preshared_key_file, peer.origins.of("preshared_key_file"), read_preshared_key, findings);
  }
}

void check_key_files(const ClientOptions& options, Findings& findings) {
  const auto& origins = options.endpoint.origins;
  check_key(options.endpoint.private_key_file, origins.of("private_key_file"), read_private_key, findings);
  check_key(options.preshared_key_file, origins.of("preshared_key_file"), read_preshared_key, findings);
}

// A shaper has no keys.
void check_key_files(const ShaperOptions& /*options*/, Findings& /*findings*/) {}

template <class Options>
void check_options(const Options& options, Findings& findings) {
  findings.problems.add_all(validate(options));
  check_key_files(options, findings);
}

}  // namespace

Checked check_file(const std::filesystem::path& file) {
  auto loaded = load_file(file);
  Findings findings{std::move(loaded.problems), {}};
  if (const auto* gateway = std::get_if<GatewayOptions>(&loaded.options)) {
    check_options(*gateway, findings);
  } else if (const auto* client = std::get_if<ClientOptions>(&loaded.options)) {
    check_options(*client, findings);
  } else if (const auto* shaper = std::get_if<ShaperOptions>(&loaded.options)) {
    check_options(*shaper, findings);
  }
  return {findings.problems.texts(), findings.notes.texts()};
}

}  // namespace sennit::config
