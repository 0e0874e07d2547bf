// Datagrams from people who hold no key: counted, never answered with more than was sent, and moving nothing.
#include <gtest/gtest.h>

#include "control/admission.hpp"
#include "crypto/mac.hpp"
#include "sim/attacker.hpp"
#include "sim/scenario.hpp"
#include "wire/outer.hpp"

namespace sennit::sim {
namespace {

using namespace std::chrono_literals;
using base::DropReason;

class HostileNetwork : public testing::Test {
 protected:
  void SetUp() override {
    line = &scenario.add_line(client);
    attacker.listen(*line);
    ASSERT_TRUE(scenario.connect());
    scenario.network.run_for(1s);
    up.start();
    down.start();
    scenario.network.run_for(1s);
  }

  // The route to the client and the flows are as if nothing had happened.
  void expect_unmoved() {
    EXPECT_EQ(scenario.gateway.path_report(0).route->remote.address,
              line->subscriber_address(base::Family::kV4));
    up.stop();
    down.stop();
    scenario.network.run_for(1s);
    for (const auto* flow : {&up, &down}) {
      EXPECT_EQ(flow->lost(), 0U);
      EXPECT_EQ(flow->counters().duplicated + flow->counters().corrupted, 0U);
    }
    EXPECT_EQ(scenario.gateway.count_events<tunnel::PeerUp>(), 1U);
    EXPECT_EQ(client.count_events<tunnel::PeerDown>() + scenario.gateway.count_events<tunnel::PeerDown>(),
              0U);
    EXPECT_LE(attacker.bytes_answered(), attacker.bytes_sent());
  }

  // Where the gateway sends what is for the client.
  base::SocketAddress client_socket() const { return scenario.gateway.path_report(0).route->remote; }
  std::vector<Datagram> captured_upwards() const { return attacker.captured_to(target); }

  Scenario scenario;
  Client& client = scenario.add_client();
  AccessLine* line = nullptr;
  Attacker attacker{scenario.network, *base::SocketAddress::parse("192.0.2.66:6666")};
  base::SocketAddress target = scenario.gateway_address(base::Family::kV4);
  Flow& up = scenario.add_flow(client, scenario.gateway);
  Flow& down = scenario.add_flow(scenario.gateway, client);
};

TEST_F(HostileNetwork, ReplaysNothingThatIsTakenTwice) {
  const auto before = scenario.gateway.drops(DropReason::kReplayed);
  std::size_t replayed = 0;
  for (const auto& datagram : attacker.captured()) {
    attacker.send(datagram.destination, datagram.bytes);
    attacker.send_as(datagram.source, datagram.destination, datagram.bytes);
    replayed +=
        datagram.destination == target && wire::message_type(datagram.bytes) == wire::MessageType::kSealed;
  }
  scenario.network.run_for(1s);
  EXPECT_EQ(scenario.gateway.drops(DropReason::kReplayed) - before, 2 * replayed);
  expect_unmoved();
}

TEST_F(HostileNetwork, CannotReplayAHandshakeIntoASession) {
  scenario.network.run_for(20s);
  for (int i = 0; i < 100; ++i) {
    for (const auto& datagram : captured_upwards()) {
      if (wire::message_type(datagram.bytes) != wire::MessageType::kInitiation) continue;
      attacker.send(target, datagram.bytes);
    }
  }
  scenario.network.run_for(1s);
  EXPECT_GE(scenario.gateway.drops(DropReason::kReplayedHandshake), 1U);
  expect_unmoved();
}

TEST_F(HostileNetwork, FlipsEveryBitInVain) {
  const auto genuine = captured_upwards().back();
  const auto refused = [&] {
    return scenario.gateway.drops(DropReason::kBadTag) + scenario.gateway.drops(DropReason::kReplayed) +
           scenario.gateway.drops(DropReason::kUnknownSession) +
           scenario.gateway.drops(DropReason::kUnknownType) + scenario.gateway.drops(DropReason::kTooShort);
  };
  const auto before = refused();
  for (std::size_t bit = 0; bit < genuine.bytes.size() * 8; ++bit) {
    auto forged = genuine.bytes;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    attacker.send(target, forged);
  }
  scenario.network.run_for(1s);
  // All but the few whose type became that of a handshake.
  EXPECT_GE(refused() - before, genuine.bytes.size() * 8 - 3);
  EXPECT_GT(scenario.gateway.drops(DropReason::kBadTag), 0U);
  EXPECT_EQ(attacker.bytes_answered(), 0U);
  expect_unmoved();
}

TEST_F(HostileNetwork, FlipsEveryBitOfAnInitiationInVain) {
  scenario.network.run_for(20s);
  const auto initiation = captured_upwards().front().bytes;
  ASSERT_EQ(wire::message_type(initiation), wire::MessageType::kInitiation);
  for (std::size_t bit = 0; bit < initiation.size() * 8; ++bit) {
    auto forged = initiation;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    attacker.send(target, forged);
  }
  scenario.network.run_for(1s);
  expect_unmoved();
}

TEST_F(HostileNetwork, CutsDatagramsInVain) {
  for (const auto& genuine : {captured_upwards().front(), captured_upwards().back()}) {
    for (std::size_t size = 0; size < genuine.bytes.size(); ++size) {
      attacker.send(target,
                    {genuine.bytes.begin(), genuine.bytes.begin() + static_cast<std::ptrdiff_t>(size)});
    }
  }
  scenario.network.run_for(1s);
  EXPECT_GT(scenario.gateway.drops(DropReason::kTooShort), 0U);
  EXPECT_EQ(attacker.bytes_answered(), 0U);
  expect_unmoved();
}

TEST_F(HostileNetwork, FloodsWithGarbageInVain) {
  base::Rng rng(4);
  for (int i = 0; i < 20'000; ++i) {
    Attacker::Bytes garbage(rng.below(1473));
    std::ranges::generate(garbage, [&] { return static_cast<std::uint8_t>(rng()); });
    if (!garbage.empty() && rng.below(2) == 0)
      garbage[0] = static_cast<std::uint8_t>((1 + rng.below(4)) << 5U);
    attacker.send(rng.below(2) == 0 ? target : client_socket(), garbage);
    if (i % 100 == 0) scenario.network.run_for(10ms);
  }
  scenario.network.run_for(1s);
  EXPECT_EQ(attacker.bytes_answered(), 0U);
  EXPECT_GT(scenario.gateway.drops(DropReason::kUnknownType), 1000U);
  EXPECT_GT(scenario.gateway.drops(DropReason::kUnknownSession), 500U);
  expect_unmoved();
}

TEST_F(HostileNetwork, PretendsToBeTheGatewayInVain) {
  const auto downwards = attacker.captured_to(client_socket());
  ASSERT_FALSE(downwards.empty());
  for (const auto& datagram : downwards) {
    auto forged = datagram.bytes;
    forged.back() = static_cast<std::uint8_t>(forged.back() ^ 1U);
    attacker.send_as(target, datagram.destination, forged);
    attacker.send_as(target, datagram.destination, datagram.bytes);
  }
  scenario.network.run_for(1s);
  EXPECT_GT(client.drops(DropReason::kReplayed), 0U);
  expect_unmoved();
}

// An initiation with a right mac1 and nothing else: what anybody who knows the gateway's public key can make.
Attacker::Bytes plausible_initiation(const crypto::PublicKey& gateway, base::Rng& rng) {
  Attacker::Bytes datagram(wire::Initiation::kMinSize);
  std::ranges::generate(datagram, [&] { return static_cast<std::uint8_t>(rng()); });
  wire::Initiation::write_header(base::SessionIndex{static_cast<std::uint32_t>(rng.below(1U << 24U))},
                                 std::span(datagram).first<wire::Initiation::kHeaderSize>());
  const auto initiation = wire::Initiation::parse(datagram);
  const auto mac1 = crypto::compute_mac1(crypto::mac1_key(gateway), initiation->before_mac1);
  std::ranges::copy(mac1, datagram.begin() + (initiation->mac1.data() - datagram.data()));
  return datagram;
}

TEST_F(HostileNetwork, FloodsWithInitiationsAndGetsAFewCookiesNoLongerThanWhatItSent) {
  base::Rng rng(8);
  const auto key = scenario.gateway.config.private_key.public_key();
  for (int i = 0; i < 300; ++i) {
    for (int j = 0; j < 10; ++j) attacker.send(target, plausible_initiation(key, rng));
    scenario.network.run_for(10ms);
  }
  EXPECT_GT(scenario.gateway.drops(DropReason::kRateLimited), 2000U);
  EXPECT_GT(attacker.answers().size(), 2U);
  EXPECT_LT(attacker.answers().size(), 4 * control::Admission::kCookiesPerSender) << "of 3 s";
  for (const auto& answer : attacker.answers()) {
    EXPECT_EQ(wire::message_type(answer), wire::MessageType::kCookieReply);
    EXPECT_LT(answer.size(), wire::Initiation::kMinSize);
  }
  expect_unmoved();
}

TEST_F(HostileNetwork, DoesNotKeepAnHonestClientOutByAFlood) {
  base::Rng rng(9);
  const auto key = scenario.gateway.config.private_key.public_key();
  const std::function<void()> flood = [&] {
    for (int j = 0; j < 10; ++j) attacker.send(target, plausible_initiation(key, rng));
    scenario.network.after(10ms, flood);
  };
  flood();
  scenario.network.run_for(2s);
  client.restart(TimestampMemory::kKept);
  up.reset();
  EXPECT_TRUE(scenario.network.run_until([&] { return up.counters().delivered > 0; }, 3s));
  EXPECT_GT(scenario.gateway.drops(DropReason::kRateLimited), 1000U);
}

}  // namespace
}  // namespace sennit::sim
