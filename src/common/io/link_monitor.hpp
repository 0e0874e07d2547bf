// Tells that interfaces, addresses or routes of this network namespace have changed.
// Stands at the client's rim: its fd wakes the driver, the client then compares snapshots and moves its
// links. Does not say what changed, and never polls. Invariant: after any change fd() becomes readable; a
// lost message counts as a change.
#pragma once

#include <vector>

#include "base/fd.hpp"
#include "io/interface.hpp"
#include "io/route_socket.hpp"

namespace sennit::io {

enum class LinkChange {
  kNone,
  kSome,  // take a new snapshot
};

class LinkMonitor {
 public:
  // Subscribes; throws base::Error when the kernel refuses. Changes count from here.
  LinkMonitor();

  int fd() const { return fd_.get(); }
  // Reads all events that wait.
  LinkChange drain();
  // Interfaces as they are now.
  std::vector<Interface> snapshot() { return routes_.interfaces(); }

 private:
  base::FileDescriptor fd_;
  RouteSocket routes_;
};

}  // namespace sennit::io
