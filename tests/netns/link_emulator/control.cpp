#include "link_emulator/control.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>

#include "base/error.hpp"

namespace link_emulator {

namespace {

using sennit::base::check_syscall;

constexpr std::size_t kLongestCommand = 1024;

}  // namespace

Control::Control(const std::string& path, Handler handler)
    : listener_(check_syscall("socket(AF_UNIX)", ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0))),
      handler_(std::move(handler)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw sennit::base::Error(path + " is too long for a socket");
  path.copy(&address.sun_path[0], path.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface of C.
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  check_syscall("bind " + path, ::bind(listener_.get(), generic, sizeof address));
  check_syscall("listen", ::listen(listener_.get(), 16));
}

std::vector<int> Control::fds() const {
  std::vector<int> all{listener_.get()};
  for (const auto& client : clients_) all.push_back(client.get());
  return all;
}

void Control::work() {
  const int accepted = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) clients_.emplace_back(accepted);
  std::erase_if(clients_, [this](const auto& client) { return !answer(client.get()); });
}

bool Control::answer(int client) const {
  std::array<char, kLongestCommand> buffer{};
  const auto size = ::recv(client, buffer.data(), buffer.size(), 0);
  if (size < 0) return errno == EAGAIN;
  if (size == 0) return false;
  const auto told = handler_({buffer.data(), static_cast<std::size_t>(size)});
  return ::send(client, told.data(), told.size(), MSG_NOSIGNAL) >= 0;
}

}  // namespace link_emulator
