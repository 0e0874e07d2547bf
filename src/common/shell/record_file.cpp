#include "shell/record_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "wire/pcapng.hpp"

namespace sennit::shell {

namespace {

constexpr mode_t kOwnerOnly = 0600;

// Where the last whole block of a pcapng file ends; 0: it is none.
off_t end_of_blocks(int fd) {
  constexpr std::uint32_t kSection = 0x0A0D0D0A;
  constexpr std::uint32_t kSmallestBlock = 12;
  struct Head {
    std::uint32_t type;
    std::uint32_t length;
  } head{};
  struct stat status {};
  if (fstat(fd, &status) != 0) return 0;
  off_t end = 0;
  while (pread(fd, &head, sizeof head, end) == sizeof head) {
    if (end == 0 && head.type != kSection) break;
    if (head.length < kSmallestBlock || end + head.length > status.st_size) break;
    end += head.length;
  }
  return end;
}

// No link is followed: who may use the control socket may not choose any file of root's.
std::FILE* make_file(const std::filesystem::path& path, RecordStart start) {
  base::FileDescriptor fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly));
  if (!fd) return nullptr;
  const off_t end = start == RecordStart::kGoesOn ? end_of_blocks(fd.get()) : 0;
  if (ftruncate(fd.get(), end) != 0 || lseek(fd.get(), end, SEEK_SET) != end) return nullptr;
  return fdopen(fd.release(), "wb");
}

std::string failure(const std::string& name) {
  return name + ": cannot be written: " + std::strerror(errno);
}

std::string blocks_of(const device::Captured& captured, base::Now now) {
  std::string blocks;
  for (const auto& packet : captured.packets) {
    const auto flag = packet.direction == device::Direction::kUp ? wire::CaptureFlag::kOutbound
                                                                 : wire::CaptureFlag::kInbound;
    wire::append_pcapng_packet(blocks, 0, now.wall - (now.monotonic - packet.at), flag, packet.bytes);
  }
  return blocks;
}

}  // namespace

// What goes on is another section, with interfaces of its own.
RecordFile::RecordFile(const std::filesystem::path& path, RecordStart start)
    : name_(path.string()), file_(make_file(path, start), std::fclose) {
  if (!file_) throw base::Error(failure(name_) + "; name a folder that the endpoint may write to");
  std::string head;
  wire::append_pcapng_section(head, "sennit " SENNIT_VERSION);
  wire::append_pcapng_interface(head, "filter");
  write_out(head);
}

RecordFile::~RecordFile() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_one();
  if (worker_.joinable()) worker_.join();
}

bool RecordFile::is_busy() {
  const std::lock_guard lock(mutex_);
  return batch_.has_value();
}

// The first packets come when the endpoint runs and has given up privileges, which a thread has for itself.
void RecordFile::write(device::Captured captured, base::Now now) {
  if (captured.packets.empty()) return;
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !batch_.has_value(); });
    batch_ = {std::move(captured), now};
  }
  changed_.notify_one();
}

std::string RecordFile::take_error() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_, {});
}

void RecordFile::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return batch_.has_value() || is_ending_; });
    if (!batch_) return;
    const auto& [captured, now] = *batch_;
    lock.unlock();
    write_out(blocks_of(captured, now));
    lock.lock();
    batch_.reset();
    changed_.notify_one();
  }
}

void RecordFile::write_out(const std::string& bytes) {
  if (has_failed_) return;
  const bool is_good = std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size() &&
                       std::fflush(file_.get()) == 0;
  if (is_good) return;
  has_failed_ = true;
  const std::lock_guard lock(mutex_);
  error_ = failure(name_);
}

}  // namespace sennit::shell
