// The one exception: the operating system, a file or the configuration refuses at start.
// `main` prints what() as one sentence; it names the thing and the remedy. Packets never cause it:
// a peer's or the network's fault is a counted DropReason (base/drop.hpp); our own bug aborts.
#pragma once

#include <stdexcept>
#include <string>

namespace sennit::base {

// It failed while running: exit status 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Wrong usage or configuration: exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

// No endpoint answers at the control socket: exit status 3.
class NoEndpointError : public Error {
 public:
  using Error::Error;
};

}  // namespace sennit::base
