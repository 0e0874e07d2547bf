#include "config/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace sennit::config {

namespace {

// A key takes 45 bytes; more than this is something else.
constexpr std::size_t kLargestKeyFile = 256;

// Text that is overwritten when it goes.
struct WipedText {
  std::string text;
  WipedText() = default;
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  ~WipedText() { explicit_bzero(text.data(), text.capacity()); }
};

std::string_view without_spaces_around(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

void refuse_if_open_to_others(int fd, const std::string& name) {
  struct stat status {};
  base::check_syscall(name, fstat(fd, &status));
  if (!S_ISREG(status.st_mode)) throw base::UsageError(name + ": is not a regular file");
  if ((status.st_mode & 077U) != 0) {
    throw base::UsageError(name + ": others than its owner have access to this key; run `chmod 600 " + name +
                           "`");
  }
}

void read_secret_text(const std::filesystem::path& file, WipedText& out) {
  const auto name = file.string();
  const base::FileDescriptor fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    const auto remedy = errno == ENOENT ? "; make one with `sennit keygen -o " + name + "`" : std::string{};
    throw base::UsageError(name + ": cannot read the key: " + std::strerror(errno) + remedy);
  }
  refuse_if_open_to_others(fd.get(), name);
  out.text.resize(kLargestKeyFile);
  const auto length = read(fd.get(), out.text.data(), out.text.size());
  base::check_syscall(name, static_cast<int>(length));
  out.text.resize(static_cast<std::size_t>(length));
}

[[noreturn]] void refuse_content(std::string_view source) {
  throw base::UsageError(std::string(source) +
                         ": holds no key; allowed: one line of 44 characters of base64");
}

}  // namespace

crypto::PrivateKey private_key_from_text(std::string_view text, std::string_view source) {
  crypto::initialise();
  const auto key = crypto::PrivateKey::from_base64(without_spaces_around(text));
  if (!key) refuse_content(source);
  return *key;
}

crypto::PrivateKey read_private_key(const std::filesystem::path& file) {
  WipedText content;
  read_secret_text(file, content);
  return private_key_from_text(content.text, file.string());
}

crypto::PresharedKey read_preshared_key(const std::filesystem::path& file) {
  WipedText content;
  read_secret_text(file, content);
  crypto::initialise();
  const auto key = crypto::PresharedKey::from_base64(without_spaces_around(content.text));
  if (!key) refuse_content(file.string());
  return *key;
}

void write_private_key(const std::filesystem::path& file, const crypto::PrivateKey& key) {
  const auto name = file.string();
  const base::FileDescriptor fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd && errno == EEXIST)
    throw base::Error(name + ": exists already, and a key is never overwritten; name another file");
  if (!fd)
    throw base::Error(name + ": cannot be created: " + std::strerror(errno) +
                      "; name a file in a folder that is there and may be written to");
  WipedText line;
  line.text = key.to_base64() + "\n";
  const auto written = write(fd.get(), line.text.data(), line.text.size());
  if (written == static_cast<ssize_t>(line.text.size()) && fsync(fd.get()) == 0) return;
  const auto reason = std::string(std::strerror(errno));
  unlink(file.c_str());
  throw base::Error(name + ": cannot be written: " + reason);
}

}  // namespace sennit::config
