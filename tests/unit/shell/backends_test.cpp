#include "shell/backends.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "unit/shell/fake_backend.hpp"

namespace sennit::shell {
namespace {

using namespace std::chrono_literals;

const base::Prefix kPhone = *base::Prefix::parse("192.168.1.23");

// Notes what it is told; refuses traces where it is told to.
class Fake : public FakeBackend {
 public:
  Fake(std::string_view name, std::string refused) : name_(name), refused_(std::move(refused)) {}

  std::string_view name() const override { return name_; }
  std::string refusal(const impair::Settings& /*settings*/) const override { return refused_; }
  void move_addresses(std::span<const base::DeviceAddresses> devices) override { moved += devices.size(); }
  void remove(const base::DeviceMatch& /*match*/) override { ++removed; }
  void let_go(const base::DeviceMatch& /*match*/) override { ++let_go_of; }
  std::vector<device::DeviceReport> report() const override { return {{kPhone, {}, {}}}; }

  int removed = 0;
  int let_go_of = 0;
  std::size_t moved = 0;

 private:
  std::string_view name_;
  std::string refused_;
};

class BackendsOfAGateway : public testing::Test {
 protected:
  void pass(std::chrono::milliseconds time) { driver_.io_context().run_for(time); }

  io::Driver driver_;
  Fake tc_{"tc", "trace: tc cannot follow a trace"};
  Fake tunnel_{"tunnel", ""};
  Backends backends_{driver_, tc_, &tunnel_};
};

TEST_F(BackendsOfAGateway, GivesADeviceToTheConfiguredOneUntilItIsMoved) {
  EXPECT_EQ(&backends_.of(kPhone), &tc_);
  EXPECT_EQ(&backends_.named({}), &tc_);
  backends_.move(kPhone, backends_.named(config::Shaping::kTunnel));
  EXPECT_EQ(&backends_.of(kPhone), &tunnel_);
}

TEST_F(BackendsOfAGateway, HasTheOldOneLetGoAMomentLaterAndOnce) {
  backends_.move(kPhone, tc_);
  backends_.move(kPhone, tunnel_);
  EXPECT_EQ(tc_.let_go_of, 0);
  pass(200ms);
  EXPECT_EQ(tc_.let_go_of, 1);
  EXPECT_EQ(tunnel_.let_go_of, 0);
}

TEST_F(BackendsOfAGateway, KeepsADeviceThatComesBackBeforeItWasLetGo) {
  backends_.move(kPhone, tc_);
  backends_.move(kPhone, tunnel_);
  backends_.move(kPhone, tc_);
  pass(200ms);
  EXPECT_EQ(tc_.let_go_of, 0);
  EXPECT_EQ(tunnel_.let_go_of, 1);
}

TEST_F(BackendsOfAGateway, RemovesADeviceFromBothAndHandsNothingOverAnyMore) {
  backends_.move(kPhone, tc_);
  backends_.move(kPhone, tunnel_);
  backends_.remove(kPhone);
  pass(200ms);
  EXPECT_EQ(tc_.removed, 1);
  EXPECT_EQ(tunnel_.removed, 1);
  EXPECT_EQ(tc_.let_go_of, 0);
}

TEST_F(BackendsOfAGateway, TellsOtherAddressesToTheOneThatHasTheDevice) {
  backends_.move(kPhone, tunnel_);
  backends_.move_addresses({{kPhone, {kPhone}}});
  EXPECT_EQ(tunnel_.moved, 1U);
  EXPECT_EQ(tc_.moved, 0U);
}

TEST_F(BackendsOfAGateway, NamesTheOneThatCanDoWhatIsRefused) {
  EXPECT_EQ(backends_.refusal(tc_, {}), "trace: tc cannot follow a trace; --backend tunnel can do it");
  EXPECT_EQ(backends_.refusal(tunnel_, {}), "");
  EXPECT_EQ(Backends(driver_, tc_).refusal(tc_, {}), "trace: tc cannot follow a trace");
}

TEST_F(BackendsOfAGateway, ReportsADeviceOnceWhileItIsHandedOver) {
  EXPECT_EQ(backends_.report().size(), 1U);
}

TEST_F(BackendsOfAGateway, RefusesABackEndThatDoesNotRunByItsName) {
  const Backends alone(driver_, tunnel_);
  try {
    alone.named(config::Shaping::kTc);
    FAIL() << "it was taken";
  } catch (const base::UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("'tc' does not run here"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace sennit::shell
