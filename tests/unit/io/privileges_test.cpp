#include "io/privileges.hpp"

#include <sys/mount.h>
#include <sys/prctl.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "io/masquerade.hpp"
#include "io/sysctl.hpp"
#include "io/sysctl_override.hpp"
#include "io/udp_socket.hpp"
#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

class PrivilegesTest : public NamespaceTest {
 protected:
  TemporaryDirectory directory_;
};

TEST_F(PrivilegesTest, WhatARunningEndpointDoesStillWorks) {
  run("ip link add v0 type veth peer name v1");
  EXPECT_EQ(in_killed_child([this] {
              drop_privileges();
              const UdpSocket bound({{}, base::Family::kV4, {}, "v0"});
              RouteSocket routes;
              if (routes.configure(index_of("v0"), {1400, {}, true, false})) return 1;
              if (routes.add_address(index_of("v0"), base::Prefix::parse("192.0.2.1/24").value())) return 2;
              Journal journal(directory_.path(), "sennit0");
              const SysctlOverride ttl(journal, "net/ipv4/ip_default_ttl", "33");
              if (read_sysctl("net/ipv4/ip_default_ttl") != "33") return 3;
              const Masquerade masquerade(journal, "sennit0", "v0");
              return 0;
            }),
            0);
}

TEST_F(PrivilegesTest, WhatItDoesNotNeedIsGone) {
  const auto mine = directory_.path() + "/mine";
  std::ofstream(mine) << "x";
  ASSERT_TRUE(std::filesystem::exists(mine));
  EXPECT_EQ(in_killed_child([&mine] {
              drop_privileges();
              if (::unshare(CLONE_NEWNS) == 0) return 1;
              if (::chown(mine.c_str(), 1, 1) == 0) return 2;
              if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 3;
              if (::prctl(PR_CAPBSET_READ, 21 /* CAP_SYS_ADMIN */) != 0) return 4;
              return 0;
            }),
            0);
}

TEST_F(PrivilegesTest, SaysWhenThereIsNothingToKeep) {
  EXPECT_EQ(in_killed_child([] {
              if (::setuid(65534) < 0) return 1;
              try {
                drop_privileges();
              } catch (const base::Error&) {
                return 0;
              }
              return 2;
            }),
            0);
}

}  // namespace
}  // namespace sennit::io
