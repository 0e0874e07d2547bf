#include "io/privileges.hpp"

#include <cap-ng.h>
#include <sys/prctl.h>

#include <array>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace sennit::io {

namespace {

constexpr std::array<unsigned, 2> kKept{
    CAP_NET_ADMIN,  // routes, addresses, sysctls of the network, nftables, SO_RCVBUFFORCE
    CAP_NET_RAW,    // SO_BINDTODEVICE for links that come back, on kernels before 5.7
};

bool holds(capng_type_t set, unsigned capability) {
  return capng_have_capability(set, capability) != 0;
}

void select_kept() {
  std::array<bool, kKept.size()> held{};
  for (std::size_t i = 0; i < kKept.size(); ++i) held[i] = holds(CAPNG_PERMITTED, kKept[i]);
  capng_clear(CAPNG_SELECT_BOTH);
  constexpr auto kSets = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED);
  for (std::size_t i = 0; i < kKept.size(); ++i) {
    if (held[i]) capng_update(CAPNG_ADD, kSets, kKept[i]);
  }
}

}  // namespace

void drop_privileges() {
  if (capng_get_caps_process() < 0 || !holds(CAPNG_EFFECTIVE, CAP_NET_ADMIN)) {
    throw base::Error("CAP_NET_ADMIN is missing; run as root or give the capability to the program");
  }
  // Clearing the bounding set needs CAP_SETPCAP; without it no_new_privs alone keeps privileges away.
  const auto sets = holds(CAPNG_EFFECTIVE, CAP_SETPCAP) ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS;
  select_kept();
  base::check_syscall("cannot set no_new_privs", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  if (capng_apply(sets) < 0) throw base::Error("cannot drop capabilities; the kernel refuses");
}

}  // namespace sennit::io
