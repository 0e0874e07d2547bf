#include "shell/state_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/hex.hpp"

namespace sennit::shell {

namespace {

[[noreturn]] void throw_write_error(const std::filesystem::path& file, int error) {
  throw base::Error("cannot write " + file.string() + ": " + std::generic_category().message(error) +
                    "; give the endpoint a folder of its own with --state");
}

void write_all(const base::FileDescriptor& fd, std::string_view text, const std::filesystem::path& file) {
  while (!text.empty()) {
    const auto written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_write_error(file, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd.get()) < 0) throw_write_error(file, errno);
}

}  // namespace

std::optional<std::string> read_state_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void write_state_file(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::path fresh = file;
  fresh += ".new";
  {
    const base::FileDescriptor fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd) throw_write_error(fresh, errno);
    write_all(fd, text, fresh);
  }
  if (::rename(fresh.c_str(), file.c_str()) < 0) throw_write_error(file, errno);
}

std::string state_file_name(std::string_view kind, const crypto::PublicKey& own) {
  std::string name(kind);
  name += '-';
  base::append_hex(name, std::span(own.bytes).first(8));
  return name;
}

}  // namespace sennit::shell
