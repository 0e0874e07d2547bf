#include "io/sysctl.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "base/fd.hpp"

namespace sennit::io {

namespace {

std::string path_of(const std::string& key) {
  return "/proc/sys/" + key;
}

std::string configuration_of(base::Family family) {
  return family == base::Family::kV6 ? "net/ipv6/conf" : "net/ipv4/conf";
}

}  // namespace

std::optional<std::string> read_sysctl(const std::string& key) {
  const base::FileDescriptor file(::open(path_of(key).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::array<char, 256> text{};
  const auto length = ::read(file.get(), text.data(), text.size());
  if (length < 0) return std::nullopt;
  std::string value(text.data(), static_cast<std::size_t>(length));
  while (value.ends_with('\n')) value.pop_back();
  return value;
}

std::error_code write_sysctl(const std::string& key, std::string_view value) {
  const base::FileDescriptor file(::open(path_of(key).c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), value.data(), value.size()) < 0) return {errno, std::generic_category()};
  return {};
}

std::string interface_sysctl(base::Family family, std::string_view interface, std::string_view leaf) {
  return configuration_of(family) + "/" + std::string(interface) + "/" + std::string(leaf);
}

std::string_view interface_of(std::string_view key) {
  for (const auto family : {base::Family::kV4, base::Family::kV6}) {
    const auto folder = configuration_of(family) + "/";
    if (!key.starts_with(folder)) continue;
    key.remove_prefix(folder.size());
    return key.substr(0, key.find('/'));
  }
  return {};
}

std::vector<std::string> sysctl_interfaces(base::Family family) {
  std::vector<std::string> names;
  std::error_code error;
  const std::filesystem::directory_iterator entries(path_of(configuration_of(family)), error);
  for (const auto& entry : entries) names.push_back(entry.path().filename());
  return names;
}

}  // namespace sennit::io
