// Initiator and responder against each other, without a network.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "control/initiator.hpp"
#include "control/responder.hpp"

namespace sennit::control {
namespace {

using namespace std::chrono_literals;

const base::Instant kStart = base::Instant{} + 1h;
const base::WallTime kWall{1'800'000'000s};
const base::Route kRoute{base::SocketId{1}, {}, *base::SocketAddress::parse("192.0.2.1:6000")};

class HandshakeTest : public ::testing::Test {
 protected:
  HandshakeTest() { crypto::initialise(); }

  std::vector<std::uint8_t> initiation(base::WallTime wall = kWall, std::uint32_t index = 7) {
    wire::InitiationFields offer;
    offer.networks = {*base::Prefix::parse("192.168.1.0/24")};
    offer.software = "test";
    initiator.begin({index}, offer, wall);
    const auto bytes = initiator.initiation_for(kRoute, kStart);
    return {bytes.begin(), bytes.end()};
  }
  std::optional<Answer> answer_to(const std::vector<std::uint8_t>& datagram,
                                  const crypto::PresharedKey& psk = {},
                                  std::vector<base::Prefix> addresses = {}) {
    const auto parsed = wire::Initiation::parse(datagram);
    auto call = responder.read(*parsed);
    if (!call) return std::nullopt;
    wire::ResponseFields fields;
    fields.index = {9};
    fields.addresses = std::move(addresses);
    return responder.answer(*call, psk, fields, kStart);
  }

  crypto::PrivateKey client_key = crypto::PrivateKey::generate();
  crypto::PrivateKey gateway_key = crypto::PrivateKey::generate();
  Initiator initiator{client_key, gateway_key.public_key(), {}, 0};
  Responder responder{gateway_key};
};

TEST_F(HandshakeTest, BothEndsDeriveTheSameKeysAndLearnTheFields) {
  const auto datagram = initiation();
  const auto call = responder.read(*wire::Initiation::parse(datagram));
  ASSERT_TRUE(call);
  EXPECT_EQ(call->caller(), client_key.public_key());
  EXPECT_EQ(call->fields.networks, std::vector{*base::Prefix::parse("192.168.1.0/24")});
  const auto answer = answer_to(datagram, {}, {*base::Prefix::parse("10.77.0.2/24")});
  ASSERT_TRUE(answer);
  const auto established = initiator.read_response(*wire::Response::parse(answer->datagram));
  ASSERT_TRUE(established);
  EXPECT_EQ(established->remote, base::SessionIndex{9});
  EXPECT_EQ(established->local, base::SessionIndex{7});
  EXPECT_EQ(established->fields.addresses, std::vector{*base::Prefix::parse("10.77.0.2/24")});
  EXPECT_TRUE(std::ranges::equal(established->keys.send.bytes(), answer->keys.receive.bytes()));
  EXPECT_TRUE(std::ranges::equal(established->keys.receive.bytes(), answer->keys.send.bytes()));
  EXPECT_EQ(established->keys.cipher, answer->keys.cipher);
}

TEST_F(HandshakeTest, TheAnswerIsNeverLongerThanTheQuestion) {
  const auto datagram = initiation();
  std::vector<base::Prefix> many(6, *base::Prefix::parse("2001:db8::1/64"));
  const auto answer = answer_to(datagram, {}, many);
  ASSERT_TRUE(answer);
  EXPECT_LE(answer->datagram.size(), datagram.size());
  EXPECT_GE(datagram.size(), wire::Initiation::kMinSize);
}

// config/validate.cpp lets so many through.
TEST_F(HandshakeTest, HoldsFiftyThreeNetworksOfIpv6AndNothingIsSentOfMore) {
  wire::InitiationFields offer;
  offer.software = std::string(32, 's');
  offer.networks.assign(54, *base::Prefix::parse("2001:db8::/48"));
  initiator.begin({1}, offer, kWall);
  EXPECT_TRUE(initiator.initiation_for(kRoute, kStart).empty());
  offer.networks.pop_back();
  initiator.begin({2}, offer, kWall);
  EXPECT_FALSE(initiator.initiation_for(kRoute, kStart).empty());
}

TEST_F(HandshakeTest, AFlippedBitAnywhereInAnInitiationIsNoticed) {
  const auto datagram = initiation();
  for (std::size_t i = 4; i < datagram.size() - 2 * wire::kMacSize; ++i) {
    auto damaged = datagram;
    damaged[i] ^= 0x01;
    const auto parsed = wire::Initiation::parse(damaged);
    EXPECT_FALSE(parsed && responder.read(*parsed)) << "byte " << i;
  }
}

TEST_F(HandshakeTest, AForgedResponseDoesNotSpoilTheTrueOne) {
  const auto answer = answer_to(initiation());
  ASSERT_TRUE(answer);
  for (std::size_t i = 1; i < answer->datagram.size(); ++i) {
    auto damaged = answer->datagram;
    damaged[i] ^= 0x80;
    const auto parsed = wire::Response::parse(damaged);
    EXPECT_FALSE(parsed && initiator.read_response(*parsed)) << "byte " << i;
  }
  EXPECT_TRUE(initiator.read_response(*wire::Response::parse(answer->datagram)));
}

TEST_F(HandshakeTest, DifferentPresharedKeysDoNotMeet) {
  crypto::Secret secret;
  secret.bytes()[0] = 1;
  const auto answer = answer_to(initiation(), crypto::PresharedKey{secret});
  ASSERT_TRUE(answer);
  EXPECT_FALSE(initiator.read_response(*wire::Response::parse(answer->datagram)));
}

TEST_F(HandshakeTest, AnAnswerToAnEarlierAttemptStillCounts) {
  const auto first = initiation(kWall, 7);
  initiation(kWall + 1s, 8);
  initiation(kWall + 2s, 9);
  const auto answer = answer_to(first);
  ASSERT_TRUE(answer);
  const auto established = initiator.read_response(*wire::Response::parse(answer->datagram));
  ASSERT_TRUE(established);
  EXPECT_EQ(established->local, base::SessionIndex{7});
  EXPECT_FALSE(initiator.awaits({8}));
}

TEST_F(HandshakeTest, TimestampsGrowEvenWhenTheWallClockStepsBack) {
  const auto first = responder.read(*wire::Initiation::parse(initiation(kWall)))->fields.timestamp;
  const auto second = responder.read(*wire::Initiation::parse(initiation(kWall - 24h)))->fields.timestamp;
  EXPECT_GT(second, first);
}

TEST_F(HandshakeTest, TimestampsGrowBeyondThoseOfAnEarlierRun) {
  const std::uint64_t earlier = 2'000'000'000'000'000'000;
  initiator = Initiator(client_key, gateway_key.public_key(), {}, earlier);
  EXPECT_GT(responder.read(*wire::Initiation::parse(initiation(kWall)))->fields.timestamp, earlier);
}

TEST_F(HandshakeTest, ACopyIsAnsweredAlikeForFiveSeconds) {
  const auto datagram = initiation();
  const auto parsed = wire::Initiation::parse(datagram);
  EXPECT_TRUE(responder.recall(*parsed, kStart).empty());
  const auto answer = answer_to(datagram);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(std::ranges::equal(responder.recall(*parsed, kStart + 4s), answer->datagram));
  EXPECT_TRUE(responder.recall(*parsed, kStart + 5s).empty());
}

TEST_F(HandshakeTest, AResponseIsAcceptedOnce) {
  const auto answer = answer_to(initiation());
  const auto parsed = wire::Response::parse(answer->datagram);
  EXPECT_TRUE(initiator.read_response(*parsed));
  EXPECT_FALSE(initiator.read_response(*parsed));
}

}  // namespace
}  // namespace sennit::control
