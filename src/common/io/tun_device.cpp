#include "io/tun_device.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "io/virtio_header.hpp"

namespace sennit::io {

namespace {

constexpr const char* kCloneDevice = "/dev/net/tun";
// TUN_F_USO4 and TUN_F_USO6, which the headers of Linux 6.1 do not have.
constexpr unsigned kTunUso = 0x20 | 0x40;

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

// Asks for the most that is wanted first; an older kernel refuses what it does not know.
TunOffload enable_offload(int fd, TunOffload wanted) {
  constexpr unsigned kTcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  const auto granted = [fd](unsigned flags) { return ::ioctl(fd, TUNSETOFFLOAD, flags) == 0; };
  if (wanted == TunOffload::kTcpAndUdp && granted(kTcp | kTunUso)) return TunOffload::kTcpAndUdp;
  if (wanted != TunOffload::kOff && granted(kTcp)) return TunOffload::kTcp;
  return TunOffload::kOff;
}

base::FileDescriptor open_clone_device() {
  base::FileDescriptor fd(::open(kCloneDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd) throw_open_error(errno);
  return fd;
}

}  // namespace

TunDevice::TunDevice(const std::string& name, TunOffload wanted, TunQueues queues) : name_(name) {
  check_name(name_);
  attach(static_cast<short>(IFF_TUN_EXCL | (queues == TunQueues::kSeveral ? IFF_MULTI_QUEUE : 0)));
  index_ = {static_cast<int>(::if_nametoindex(name_.c_str()))};
  offload_ = enable_offload(fd_.get(), wanted);
}

TunDevice::TunDevice(std::string name, InterfaceIndex index, TunOffload offload)
    : offload_(offload), name_(std::move(name)), index_(index) {
  attach(IFF_MULTI_QUEUE);
}

TunDevice TunDevice::another_queue() const {
  return {name_, index_, offload_};
}

void TunDevice::attach(short flags) {
  fd_ = open_clone_device();
  ifreq request{};
  std::ranges::copy(name_, request.ifr_name);
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | flags);
  if (::ioctl(fd_.get(), TUNSETIFF, &request) < 0) throw_create_error(name_, errno);
  name_ = request.ifr_name;
}

std::span<const base::OutboundPacket> TunDevice::read_batch(PacketSlab& slab) {
  slab.clear();
  while (!slab.full()) {
    const auto slot = slab.free_slot();
    // The header comes to lie in the headroom: one buffer is cheaper to the kernel than two.
    VirtioHeader header{};
    static_assert(sizeof(header) <= base::kHeadroom);
    const auto whole = std::span(slot.data() - sizeof(header), slot.size() + sizeof(header));
    const auto length = ::read(fd_.get(), whole.data(), whole.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= static_cast<ssize_t>(sizeof(header))) {
      gone_ = gone_ || (length < 0 && errno == EBADFD);
      break;
    }
    std::memcpy(&header, whole.data(), sizeof(header));
    const auto size = static_cast<std::size_t>(length) - sizeof(header);
    const auto offload = from_virtio(header);
    const bool is_super = offload && offload->segmentation != base::Segmentation::kNone;
    if (!offload || size > (is_super ? kLargestSuperpacket : kLargestInnerPacket)) {
      ++oversized_;
      continue;
    }
    slab.commit(size, *offload);
  }
  return slab.packets();
}

std::size_t TunDevice::write_batch(std::span<const base::InboundPacket> packets) {
  std::size_t refused = 0;
  for (const auto& packet : packets) {
    if (!write_packet(packet)) refused += 1 + packet.more.size();
  }
  return refused;
}

bool TunDevice::write_packet(const base::InboundPacket& packet) {
  auto header = to_virtio(packet);
  slices_.clear();
  slices_.push_back({&header, sizeof(header)});
  // writev does not write through iov_base; its type is shared with reading calls.
  const auto add = [this](base::ConstByteSpan part) {
    slices_.push_back({const_cast<std::uint8_t*>(part.data()), part.size()});
  };
  add(packet.bytes);
  std::ranges::for_each(packet.more, add);
  ssize_t written = 0;
  do {
    written = ::writev(fd_.get(), slices_.data(), static_cast<int>(slices_.size()));
  } while (written < 0 && errno == EINTR);
  return written >= 0;
}

}  // namespace sennit::io
