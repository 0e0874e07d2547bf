// The socket at which an emulator is told what its lines are like: SOCK_SEQPACKET, one command a message, one
// answer a command. Knows no command itself.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"

namespace link_emulator {

class Control {
 public:
  using Handler = std::function<std::string(std::string_view command)>;

  // Listens at this path.
  Control(const std::string& path, Handler handler);

  // Descriptors that become readable when there is something to do.
  std::vector<int> fds() const;
  // Accepts who waits, and answers who asks.
  void work();

 private:
  // Whether the client is still there.
  bool answer(int client) const;

  sennit::base::FileDescriptor listener_;
  std::vector<sennit::base::FileDescriptor> clients_;
  Handler handler_;
};

}  // namespace link_emulator
