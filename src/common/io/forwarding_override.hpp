// Owns that this machine forwards packets of one family between its interfaces.
// Made by the gateway, and by a client with networks behind it.
// Writing the switch for all interfaces rewrites each interface's own and more (kernel documentation,
// ip-sysctl): all that is touched is remembered. IPv6 routers ignore router advertisements unless accept_ra
// is 2, and would lose a default route learnt from them: interfaces that listen now go on listening.
// Invariant: when the owner goes, every interface's switch is as it was found.
#pragma once

#include <vector>

#include "base/address.hpp"
#include "io/sysctl_override.hpp"

namespace sennit::io {

class ForwardingOverride {
 public:
  // Changes nothing where all interfaces forward already. Throws base::Error when the kernel refuses.
  ForwardingOverride(Journal& journal, base::Family family);
  ForwardingOverride(ForwardingOverride&&) = default;
  ForwardingOverride& operator=(ForwardingOverride&&) = delete;
  // Undoes in reverse order.
  ~ForwardingOverride();

  // As SysctlOverride::follow_name().
  void follow_names();

 private:
  void keep(Journal& journal, const std::string& key);
  void keep_router_advertisements(Journal& journal);

  std::vector<SysctlOverride> overrides_;
};

}  // namespace sennit::io
