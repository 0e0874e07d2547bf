#include "io/journal.hpp"

#include <fstream>
#include <optional>

#include "base/error.hpp"
#include "io/forwarding_override.hpp"
#include "io/sysctl.hpp"
#include "io/sysctl_override.hpp"
#include "unit/io/namespace_test.hpp"

namespace sennit::io {
namespace {

const std::string kForward = "net/ipv4/conf/all/forwarding";
const std::string kTtl = "net/ipv4/ip_default_ttl";

class JournalTest : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    set(kTtl, "64");
    set(kForward, "0");
  }

  static void set(const std::string& key, const std::string& value) {
    ASSERT_FALSE(write_sysctl(key, value)) << key;
  }
  static std::string get(const std::string& key) { return read_sysctl(key).value_or("missing"); }

  // Every conf/*/forwarding of the family, and what else belongs to it.
  static std::vector<std::string> forwarding_state(base::Family family) {
    std::vector<std::string> state;
    for (const auto& interface : sysctl_interfaces(family)) {
      for (const std::string leaf : {"forwarding", "accept_redirects", "accept_ra"}) {
        const auto key = interface_sysctl(family, interface, leaf);
        state.push_back(key + "=" + get(key));
      }
    }
    return state;
  }

  std::size_t journals() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      count += entry.path().extension() == ".journal" ? 1 : 0;
    }
    return count;
  }

  TemporaryDirectory directory_;
};

TEST_F(JournalTest, RestoresASettingWithItsOwner) {
  Journal journal(directory_.path(), "sennit0");
  {
    const SysctlOverride ttl(journal, kTtl, "33");
    EXPECT_EQ(get(kTtl), "33");
  }
  EXPECT_EQ(get(kTtl), "64");
}

TEST_F(JournalTest, LeavesASettingAloneThatSomebodyElseChanged) {
  Journal journal(directory_.path(), "sennit0");
  {
    const SysctlOverride ttl(journal, kTtl, "33");
    set(kTtl, "99");
  }
  EXPECT_EQ(get(kTtl), "99");
}

TEST_F(JournalTest, HasNothingToRestoreWhereTheSettingIsAsWanted) {
  Journal journal(directory_.path(), "sennit0");
  EXPECT_FALSE(journal.set_sysctl(kTtl, "64", Restore::kIfUnchanged));
}

TEST_F(JournalTest, NamesASettingThatCannotBeSet) {
  Journal journal(directory_.path(), "sennit0");
  for (const std::string key : {"net/ipv4/no_such_key", "net/ipv4/ip_default_ttl"}) {
    try {
      const SysctlOverride refused(journal, key, "many");
      ADD_FAILURE() << key;
    } catch (const base::Error& error) {
      EXPECT_NE(std::string(error.what()).find(key), std::string::npos) << error.what();
    }
  }
  EXPECT_EQ(get(kTtl), "64");
}

TEST_F(JournalTest, UndoesAtTheNextStartWhatAKilledRunLeft) {
  const int status = in_killed_child([this] {
    Journal journal(directory_.path(), "sennit0");
    const SysctlOverride ttl(journal, kTtl, "33");
    ::_exit(get(kTtl) == "33" ? 0 : 1);
    return 1;
  });
  ASSERT_EQ(status, 0);
  ASSERT_EQ(get(kTtl), "33");
  { const Journal journal(directory_.path(), "sennit0"); }
  EXPECT_EQ(get(kTtl), "64");
  EXPECT_EQ(journals(), 0U);
}

TEST_F(JournalTest, UndoesWhatAKilledRunOfAnotherNameLeft) {
  in_killed_child([this] {
    Journal journal(directory_.path(), "other0");
    const SysctlOverride ttl(journal, kTtl, "33");
    ::_exit(0);
    return 1;
  });
  ASSERT_EQ(get(kTtl), "33");
  const Journal journal(directory_.path(), "sennit0");
  EXPECT_EQ(get(kTtl), "64");
}

TEST_F(JournalTest, DoesNotUndoWhatAnotherNamespaceHolds) {
  in_killed_child([this] {
    Journal journal(directory_.path(), "sennit0");
    const SysctlOverride ttl(journal, kTtl, "33");
    ::_exit(0);
    return 1;
  });
  EXPECT_EQ(in_killed_child([this] {
              if (::unshare(CLONE_NEWNET) < 0 || write_sysctl(kTtl, "33")) return 2;
              const Journal journal(directory_.path(), "sennit0");
              return get(kTtl) == "33" ? 0 : 1;
            }),
            0);
  const Journal journal(directory_.path(), "sennit0");
  EXPECT_EQ(get(kTtl), "64");
}

TEST_F(JournalTest, ForgetsWhatAnEarlierBootLeft) {
  const auto file = std::filesystem::path(directory_.path()) / "old0.7.journal";
  std::ofstream(file) << "sennit-journal-1 another-boot " << this_system().network << "\n+ sysctl " << kTtl
                      << " 1 64\n";
  const Journal journal(directory_.path(), "sennit0");
  EXPECT_EQ(get(kTtl), "64");
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(JournalTest, IgnoresALineThatWasNotFinished) {
  const auto system = this_system();
  const auto file = std::filesystem::path(directory_.path()) / "old0.7.journal";
  std::ofstream(file) << "sennit-journal-1 " << system.boot << " " << system.network << "\n+ sysctl "
                      << kForward << " 1 0\n+ sysctl " << kTtl << " 6 64";
  const Journal journal(directory_.path(), "sennit0");
  EXPECT_EQ(get(kForward), "1");
  EXPECT_EQ(get(kTtl), "64");
}

TEST_F(JournalTest, RefusesASecondEndpointOfTheSameName) {
  const Journal first(directory_.path(), "sennit0");
  EXPECT_THROW(Journal(directory_.path(), "sennit0"), base::Error);
}

TEST_F(JournalTest, LetsTheLastEndpointRestoreWhatTheFirstFound) {
  Journal first(directory_.path(), "sennit0");
  Journal second(directory_.path(), "sennit1");
  std::optional<SysctlOverride> of_first(std::in_place, first, kTtl, "33");
  std::optional<SysctlOverride> of_second(std::in_place, second, kTtl, "33");
  of_first.reset();
  EXPECT_EQ(get(kTtl), "33");
  of_second.reset();
  EXPECT_EQ(get(kTtl), "64");
}

TEST_F(JournalTest, RestoresForwardingOfEveryInterface) {
  run("ip link add v0 type veth peer name v1");
  for (const auto family : {base::Family::kV4, base::Family::kV6}) {
    set(interface_sysctl(family, "v0", "forwarding"), "1");
    if (family == base::Family::kV6) set(interface_sysctl(family, "v1", "accept_ra"), "1");
    const auto before = forwarding_state(family);
    Journal journal(directory_.path(), "sennit0");
    {
      const ForwardingOverride forwarding(journal, family);
      EXPECT_EQ(get(interface_sysctl(family, "v1", "forwarding")), "1");
      if (family == base::Family::kV6) {
        EXPECT_EQ(get(interface_sysctl(family, "v1", "accept_ra")), "2");
      }
    }
    EXPECT_EQ(forwarding_state(family), before);
  }
}

TEST_F(JournalTest, RestoresForwardingOfEveryInterfaceAfterACrash) {
  run("ip link add v0 type veth peer name v1");
  for (const auto family : {base::Family::kV4, base::Family::kV6}) {
    set(interface_sysctl(family, "v0", "forwarding"), "1");
    const auto before = forwarding_state(family);
    in_killed_child([this, family] {
      Journal journal(directory_.path(), "sennit0");
      const ForwardingOverride forwarding(journal, family);
      ::_exit(0);
      return 1;
    });
    ASSERT_NE(forwarding_state(family), before);
    { const Journal journal(directory_.path(), "sennit0"); }
    EXPECT_EQ(forwarding_state(family), before);
  }
}

TEST_F(JournalTest, LetsTheLastGatewayRestoreForwarding) {
  run("ip link add v0 type veth peer name v1");
  const auto before = forwarding_state(base::Family::kV6);
  Journal first(directory_.path(), "sennit0");
  Journal second(directory_.path(), "sennit1");
  std::optional<ForwardingOverride> of_first(std::in_place, first, base::Family::kV6);
  std::optional<ForwardingOverride> of_second(std::in_place, second, base::Family::kV6);
  of_first.reset();
  EXPECT_EQ(get("net/ipv6/conf/all/forwarding"), "1");
  EXPECT_EQ(get("net/ipv6/conf/v1/forwarding"), "1");
  of_second.reset();
  EXPECT_EQ(forwarding_state(base::Family::kV6), before);
}

TEST_F(JournalTest, LoosensOnlyAStrictReversePathFilter) {
  run("ip link add v0 type veth peer name v1");
  struct Case {
    std::string all, own, loosened;
  };
  const std::vector<Case> cases{
      {"0", "0", "0"}, {"0", "1", "2"}, {"1", "0", "2"}, {"1", "2", "2"}, {"2", "1", "1"}};
  Journal journal(directory_.path(), "sennit0");
  const std::string key = "net/ipv4/conf/v0/rp_filter";
  for (const auto& [all, own, loosened] : cases) {
    set("net/ipv4/conf/all/rp_filter", all);
    set(key, own);
    {
      const auto loose = loosen_reverse_path_filter(journal, "v0");
      EXPECT_EQ(get(key), loosened) << all << own;
    }
    EXPECT_EQ(get(key), own) << all << own;
  }
}

TEST_F(JournalTest, RestoresASettingOfAnInterfaceByTheNameThatItHasThen) {
  run("ip link add v0 type veth peer name v1");
  set("net/ipv4/conf/v0/rp_filter", "1");
  Journal journal(directory_.path(), "sennit0");
  auto loose = loosen_reverse_path_filter(journal, "v0");
  ASSERT_TRUE(loose);
  run("ip link set v0 name w.0");
  run("ip link set v1 name v0");
  set("net/ipv4/conf/v0/rp_filter", "2");
  loose.reset();
  EXPECT_EQ(get("net/ipv4/conf/w.0/rp_filter"), "1");
  EXPECT_EQ(get("net/ipv4/conf/v0/rp_filter"), "2") << "of another interface, which has the name now";
}

TEST_F(JournalTest, RestoresForwardingOfAnInterfaceThatWasRenamedBeforeACrash) {
  run("ip link add v0 type veth peer name v1");
  set("net/ipv4/conf/v0/forwarding", "1");
  in_killed_child([this] {
    Journal journal(directory_.path(), "sennit0");
    ForwardingOverride forwarding(journal, base::Family::kV4);
    run("ip link set v0 name w0");
    forwarding.follow_names();
    ::_exit(0);
    return 1;
  });
  ASSERT_EQ(get("net/ipv4/conf/w0/forwarding"), "1");
  { const Journal journal(directory_.path(), "sennit0"); }
  EXPECT_EQ(get("net/ipv4/conf/all/forwarding"), "0");
  EXPECT_EQ(get("net/ipv4/conf/w0/forwarding"), "1");
}

TEST_F(JournalTest, RestoresNothingOfAnInterfaceThatWent) {
  run("ip link add v0 type veth peer name v1");
  set("net/ipv4/conf/v0/rp_filter", "1");
  Journal journal(directory_.path(), "sennit0");
  auto loose = loosen_reverse_path_filter(journal, "v0");
  ASSERT_TRUE(loose);
  run("ip link delete v0");
  EXPECT_NO_FATAL_FAILURE(loose.reset());
  EXPECT_EQ(journals(), 1U);
}

}  // namespace
}  // namespace sennit::io
