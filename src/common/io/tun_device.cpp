#include "io/tun_device.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/error.hpp"

namespace sennit::io {

namespace {

constexpr const char* kCloneDevice = "/dev/net/tun";

std::string reason(int error) {
  return std::generic_category().message(error);
}

[[noreturn]] void throw_open_error(int error) {
  const std::string what = std::string("cannot open ") + kCloneDevice + ": " + reason(error);
  if (error == ENOENT || error == ENODEV || error == ENXIO) {
    throw base::Error(what + "; load the driver with `modprobe tun`");
  }
  if (error == EACCES || error == EPERM) throw base::Error(what + "; run as root or with CAP_NET_ADMIN");
  throw base::Error(what);
}

[[noreturn]] void throw_create_error(const std::string& name, int error) {
  const std::string what = "cannot create the interface " + name + ": " + reason(error);
  if (error == EPERM) throw base::Error(what + "; run as root or with CAP_NET_ADMIN");
  if (error == EBUSY || error == EEXIST) {
    throw base::Error(what +
                      "; an interface of this name exists, stop its program or choose another with --tun");
  }
  if (error == EINVAL) throw base::Error(what + "; choose another name with --tun");
  if (error == ENOTTY) {
    throw base::Error(what + "; " + kCloneDevice +
                      " is not the TUN driver's device, make it anew with `mknod -m 0666 " + kCloneDevice +
                      " c 10 200`");
  }
  throw base::Error(what);
}

void check_name(const std::string& name) {
  if (!name.empty() && name.size() < IFNAMSIZ) return;
  throw base::UsageError("'" + name + "' is no name for an interface: it needs 1 to 15 characters");
}

base::FileDescriptor open_clone_device() {
  base::FileDescriptor fd(::open(kCloneDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) throw_open_error(errno);
  return fd;
}

}  // namespace

TunDevice::TunDevice(const std::string& name) {
  check_name(name);
  fd_ = open_clone_device();
  ifreq request{};
  std::ranges::copy(name, request.ifr_name);
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL);
  if (::ioctl(fd_.get(), TUNSETIFF, &request) < 0) throw_create_error(name, errno);
  name_ = request.ifr_name;
  index_ = {static_cast<int>(::if_nametoindex(name_.c_str()))};
}

std::span<const base::OutboundPacket> TunDevice::read_batch(PacketSlab& slab) {
  slab.clear();
  while (!slab.full()) {
    const auto slot = slab.free_slot();
    const auto length = ::read(fd_.get(), slot.data(), slot.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) {
      gone_ = gone_ || (length < 0 && errno == EBADFD);
      break;
    }
    if (static_cast<std::size_t>(length) > kLargestInnerPacket) {
      ++oversized_;
      continue;
    }
    slab.commit(static_cast<std::size_t>(length));
  }
  return slab.packets();
}

std::size_t TunDevice::write_batch(std::span<const base::InboundPacket> packets) {
  return static_cast<std::size_t>(std::ranges::count_if(
      packets, [this](const base::InboundPacket& packet) { return !write_packet(packet.bytes); }));
}

bool TunDevice::write_packet(base::ConstByteSpan packet) const {
  ssize_t written = 0;
  do {
    written = ::write(fd_.get(), packet.data(), packet.size());
  } while (written < 0 && errno == EINTR);
  return written == static_cast<ssize_t>(packet.size());
}

}  // namespace sennit::io
