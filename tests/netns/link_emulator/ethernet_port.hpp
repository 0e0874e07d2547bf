// A raw socket at one veth end: every frame that comes in, and frames to send, in batches. Stands at both
// ends of an emulated line. Does not see what it sent itself. Frames must hold real checksums and be no
// larger than the MTU: the veth's offloads are off (netlab/emulated_line.py).
#pragma once

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "link_emulator/direction.hpp"

namespace link_emulator {

class EthernetPort {
 public:
  explicit EthernetPort(const std::string& interface);

  int fd() const { return socket_.get(); }
  // Appends the frames that wait, at most one batch of them; whether there may be more.
  bool receive(std::vector<Frame>& frames);
  // Sends all; what the interface refuses (it is down, or its peer is gone) is lost.
  void send(std::vector<Frame>& frames);

 private:
  sennit::base::FileDescriptor socket_;
};

}  // namespace link_emulator
