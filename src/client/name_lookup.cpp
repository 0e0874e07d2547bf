#include "client/name_lookup.hpp"

#include <netdb.h>
#include <sys/eventfd.h>

#include <csignal>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/fd.hpp"
#include "io/socket_address.hpp"

namespace sennit::client {

// What the thread and the driver's side hold together; the last one to leave closes the descriptor.
struct NameLookup::Shared {
  base::FileDescriptor done;
  std::mutex mutex;
  std::vector<base::IpAddress> addresses;
};

namespace {

base::IpAddress address_of(const addrinfo& entry) {
  io::KernelAddress kernel{};
  if (entry.ai_addrlen > sizeof(kernel)) return {};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(entry.ai_addr);
  std::copy(bytes, bytes + entry.ai_addrlen, reinterpret_cast<std::uint8_t*>(&kernel));
  return io::from_kernel(kernel).address;
}

std::vector<base::IpAddress> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<base::IpAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    const auto address = address_of(*entry);
    if (address.family() != base::Family::kNone) addresses.push_back(address);
  }
  return addresses;
}

// The signals that stop the program are for the driver's thread.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

NameLookup::NameLookup(io::Driver& driver, const std::string& host, Callback callback)
    : driver_(driver), callback_(std::move(callback)), shared_(std::make_shared<Shared>()) {
  shared_->done = base::FileDescriptor(
      base::check_syscall("cannot create an event descriptor", ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
  driver_.watch(shared_->done.get(), [this] { finish(); });
  const SignalsBlocked blocked;
  std::thread([shared = shared_, host] {
    auto addresses = resolve(host);
    const std::lock_guard lock(shared->mutex);
    shared->addresses = std::move(addresses);
    ::eventfd_write(shared->done.get(), 1);
  }).detach();
}

NameLookup::~NameLookup() {
  driver_.unwatch(shared_->done.get());
}

void NameLookup::finish() {
  driver_.unwatch(shared_->done.get());
  std::vector<base::IpAddress> addresses;
  {
    const std::lock_guard lock(shared_->mutex);
    addresses = shared_->addresses;
  }
  // The callback may destroy this object.
  const auto callback = std::move(callback_);
  callback(std::move(addresses));
}

}  // namespace sennit::client
