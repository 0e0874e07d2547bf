// Asks the system for the addresses of a host name without making the data path wait.
// One lookup runs in a thread of its own, which is left behind when the answer is no longer wanted:
// getaddrinfo() cannot be cancelled, and the program must end at once even when no name server answers.
// Invariant: the callback runs on the driver's thread, and never after this object is gone.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "io/driver.hpp"

namespace sennit::client {

class NameLookup {
 public:
  // The host's addresses in the system's order of preference; none where it cannot be resolved now.
  using Callback = std::function<void(std::vector<base::IpAddress>)>;

  NameLookup(io::Driver& driver, const std::string& host, Callback callback);
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;
  ~NameLookup();

 private:
  struct Shared;
  void finish();

  io::Driver& driver_;
  Callback callback_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace sennit::client
