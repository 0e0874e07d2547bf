// What SIGINT, SIGTERM and SIGHUP do to an endpoint, from before it acquires anything to when it has given
// all of it back: the first ends its run, even if the start is not yet done. An impatient second one (or a
// supervisor that sends two) must not leave routes or rules behind; a clean-up that hangs must not be
// unkillable: for 2 to 3 seconds, in which every ordinary clean-up ends, they are ignored, then one ends the
// program at once. A log that nobody reads any more does not end it either.
#pragma once

#include "io/driver.hpp"

namespace sennit::shell {

class StopSignals {
 public:
  // `driver` is stopped in its run(). To be made before whatever is to be given back.
  explicit StopSignals(io::Driver& driver);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
};

}  // namespace sennit::shell
