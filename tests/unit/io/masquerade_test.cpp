#include "io/masquerade.hpp"

#include "base/error.hpp"
#include "io/forwarding_override.hpp"
#include "io/installed_route.hpp"
#include "io/nftables.hpp"
#include "io/tun_device.hpp"
#include "unit/io/inner_packet.hpp"
#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

class MasqueradeTest : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    const auto refusal = run_nftables("add table inet probe\ndelete table inet probe\n");
    if (!refusal.empty()) GTEST_SKIP() << "the kernel has no nftables: " << refusal;
  }

  static bool exists(const std::string& table) { return run_nftables("list table inet " + table).empty(); }

  TemporaryDirectory directory_;
};

TEST(TableName, IsOneWordAndDifferentForDifferentInterfaces) {
  const std::vector<std::pair<std::string, std::string>> cases{{"sennit0", "sennit_sennit0"},
                                                               {"7-up", "sennit_7_2dup"},
                                                               {"a.b", "sennit_a_2eb"},
                                                               {"a_b", "sennit_a_5fb"}};
  for (const auto& [tunnel, name] : cases) EXPECT_EQ(table_name(tunnel), name);
}

TEST_F(MasqueradeTest, ItsTableGoesWithItAndOthersStay) {
  ASSERT_EQ(run_nftables("add table inet theirs"), "");
  Journal journal(directory_.path(), "ten-0.1");
  {
    const Masquerade masquerade(journal, "ten-0.1", "eth0");
    EXPECT_TRUE(exists("sennit_ten_2d0_2e1"));
  }
  EXPECT_FALSE(exists("sennit_ten_2d0_2e1"));
  EXPECT_TRUE(exists("theirs"));
}

TEST_F(MasqueradeTest, ItsTableGoesAlthoughTheStateDirectoryIsGone) {
  Journal journal(directory_.path(), "sennit0");
  {
    const Masquerade masquerade(journal, "sennit0", "eth0");
    ASSERT_TRUE(exists("sennit_sennit0"));
    std::filesystem::remove_all(directory_.path());
  }
  EXPECT_FALSE(exists("sennit_sennit0"));
}

TEST_F(MasqueradeTest, ItsTableIsDeletedAtTheNextStartAfterACrash) {
  in_killed_child([this] {
    Journal journal(directory_.path(), "sennit0");
    const Masquerade masquerade(journal, "sennit0", "eth0");
    ::_exit(0);
    return 1;
  });
  ASSERT_TRUE(exists("sennit_sennit0"));
  const Journal journal(directory_.path(), "sennit0");
  EXPECT_FALSE(exists("sennit_sennit0"));
}

TEST_F(MasqueradeTest, ReplacesATableOfItsName) {
  ASSERT_EQ(run_nftables("add table inet sennit_sennit0\nadd chain inet sennit_sennit0 stale\n"), "");
  Journal journal(directory_.path(), "sennit0");
  const Masquerade masquerade(journal, "sennit0", "eth0");
  EXPECT_NE(run_nftables("list chain inet sennit_sennit0 stale"), "");
}

TEST_F(MasqueradeTest, RefusesANameThatWouldEndItsString) {
  Journal journal(directory_.path(), "sennit0");
  EXPECT_THROW(Masquerade(journal, "sennit0", "a\"b"), base::UsageError);
}

TEST_F(MasqueradeTest, ReplacesTheSourceOfWhatLeavesTheTunnel) {
  TunDevice tunnel("sennit0");
  TunDevice outside("wan0");
  RouteSocket routes;
  ASSERT_FALSE(routes.configure(tunnel.index(), {1400, {}, true, true}));
  ASSERT_FALSE(routes.configure(outside.index(), {1400, {}, true, true}));
  ASSERT_FALSE(routes.add_address(tunnel.index(), base::Prefix::parse("10.77.0.1/24").value()));
  ASSERT_FALSE(routes.add_address(outside.index(), base::Prefix::parse("192.0.2.1/24").value()));
  Journal journal(directory_.path(), "sennit0");
  const ForwardingOverride forwarding(journal, base::Family::kV4);
  const Masquerade masquerade(journal, "sennit0", "wan0");
  const auto packet = udp_packet("10.77.0.2:1000", "192.0.2.9:2000", "out");
  const base::InboundPacket written{packet};
  ASSERT_EQ(tunnel.write_batch(std::span(&written, 1)), 0U);
  PacketSlab slab;
  const auto packets = outside.read_batch(slab);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(base::IpAddress::from_bytes(packets[0].bytes.subspan(12, 4)),
            base::IpAddress::parse("192.0.2.1"));
}

}  // namespace
}  // namespace sennit::io
