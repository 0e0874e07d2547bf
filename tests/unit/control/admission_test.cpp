#include "control/admission.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "control/initiator.hpp"

namespace sennit::control {
namespace {

using namespace std::chrono_literals;

const base::Instant kStart = base::Instant{} + 1h;
const auto kFrom = *base::SocketAddress::parse("198.51.100.7:1234");

class AdmissionTest : public ::testing::Test {
 protected:
  AdmissionTest() {
    crypto::initialise();
    initiator.begin({5}, {}, base::WallTime{1s});
  }
  std::vector<std::uint8_t> initiation(base::Instant now) {
    const auto bytes = initiator.initiation_for(route, now);
    return {bytes.begin(), bytes.end()};
  }
  Admission::Verdict admit(const std::vector<std::uint8_t>& datagram, base::Instant now,
                           const base::SocketAddress& from = kFrom) {
    return admission.admit(*wire::Initiation::parse(datagram), from, now);
  }
  // As many as the threshold allows in one second.
  void load(base::Instant now) {
    for (unsigned i = 0; i < Admission::kLoadThreshold; ++i) admit(initiation(now), now);
  }

  crypto::PrivateKey gateway = crypto::PrivateKey::generate();
  base::Route route{base::SocketId{1}, {}, *base::SocketAddress::parse("192.0.2.1:6000")};
  Initiator initiator{crypto::PrivateKey::generate(), gateway.public_key(), {}, 0};
  Admission admission{gateway.public_key()};
};

TEST_F(AdmissionTest, LetsAnInitiationThroughWithoutACookieWhileThereIsNoLoad) {
  EXPECT_TRUE(std::holds_alternative<Admission::Admitted>(admit(initiation(kStart), kStart)));
}

TEST_F(AdmissionTest, RefusesAWrongMac1WithoutAnswering) {
  auto datagram = initiation(kStart);
  datagram[20] ^= 1;
  EXPECT_EQ(std::get<base::DropReason>(admit(datagram, kStart)), base::DropReason::kBadMac);
}

TEST_F(AdmissionTest, RefusesAnotherVersion) {
  auto datagram = initiation(kStart);
  datagram[4] = wire::kVersion + 1;
  EXPECT_EQ(std::get<base::DropReason>(admit(datagram, kStart)), base::DropReason::kBadVersion);
}

TEST_F(AdmissionTest, AsksForProofUnderLoadAndAcceptsIt) {
  load(kStart);
  const auto verdict = admit(initiation(kStart), kStart);
  ASSERT_TRUE(std::holds_alternative<wire::CookieReply>(verdict));
  ASSERT_TRUE(initiator.read_cookie_reply(route, std::get<wire::CookieReply>(verdict), kStart));
  EXPECT_TRUE(std::holds_alternative<Admission::Admitted>(admit(initiation(kStart), kStart)));
}

TEST_F(AdmissionTest, AProofIsWorthNothingFromAnotherAddress) {
  load(kStart);
  const auto verdict = admit(initiation(kStart), kStart);
  ASSERT_TRUE(initiator.read_cookie_reply(route, std::get<wire::CookieReply>(verdict), kStart));
  const auto elsewhere = *base::SocketAddress::parse("198.51.100.8:1234");
  EXPECT_TRUE(std::holds_alternative<wire::CookieReply>(admit(initiation(kStart), kStart, elsewhere)));
}

TEST_F(AdmissionTest, AProofLastsTwoMinutesAndTheFormerSecretAsLong) {
  load(kStart);
  const auto verdict = admit(initiation(kStart), kStart);
  ASSERT_TRUE(initiator.read_cookie_reply(route, std::get<wire::CookieReply>(verdict), kStart));
  const auto proven = initiation(kStart);
  const auto later = kStart + Admission::kSecretLifetime;
  load(later);
  EXPECT_TRUE(std::holds_alternative<Admission::Admitted>(admit(proven, later)));
  const auto much_later = later + Admission::kSecretLifetime;
  load(much_later);
  EXPECT_TRUE(std::holds_alternative<wire::CookieReply>(admit(proven, much_later)));
}

// Whoever floods from a few ports is soon not worth an answer, which costs more than all the rest.
TEST_F(AdmissionTest, ASenderGetsFewCookiesASecondAndAnotherItsOwn) {
  load(kStart);
  const auto plain = initiation(kStart);
  for (unsigned i = 0; i < Admission::kCookiesPerSender; ++i)
    EXPECT_TRUE(std::holds_alternative<wire::CookieReply>(admit(plain, kStart)));
  EXPECT_EQ(std::get<base::DropReason>(admit(plain, kStart)), base::DropReason::kRateLimited);
  // One port of a hundred may share the first one's (one in 655 such runs), a hundred may not.
  unsigned answered = 0;
  auto other = kFrom;
  for (int i = 0; i < 100; ++i) {
    ++other.port;
    answered += std::holds_alternative<wire::CookieReply>(admit(plain, kStart, other)) ? 1 : 0;
  }
  EXPECT_GT(answered, 90U);
  EXPECT_TRUE(std::holds_alternative<wire::CookieReply>(admit(plain, kStart + 1s))) << "a second later";
}

TEST_F(AdmissionTest, WhoHasProvedItselfNeedsNoCookieMore) {
  load(kStart);
  const auto plain = initiation(kStart);
  const auto verdict = admit(plain, kStart);
  ASSERT_TRUE(initiator.read_cookie_reply(route, std::get<wire::CookieReply>(verdict), kStart));
  for (unsigned i = 0; i < 2 * Admission::kCookiesPerSender; ++i) admit(plain, kStart);
  EXPECT_TRUE(std::holds_alternative<Admission::Admitted>(admit(initiation(kStart), kStart)));
}

TEST_F(AdmissionTest, UnderLoadAnAddressGetsFiveASecond) {
  load(kStart);
  const auto verdict = admit(initiation(kStart), kStart);
  ASSERT_TRUE(initiator.read_cookie_reply(route, std::get<wire::CookieReply>(verdict), kStart));
  unsigned admitted = 0;
  for (int i = 0; i < 20; ++i) {
    admitted += std::holds_alternative<Admission::Admitted>(admit(initiation(kStart), kStart)) ? 1 : 0;
  }
  EXPECT_EQ(admitted, Admission::kPerAddress);
}

TEST_F(AdmissionTest, LoadEndsWhenTheFloodDoes) {
  load(kStart);
  admit(initiation(kStart), kStart);
  EXPECT_TRUE(admission.is_under_load());
  admit(initiation(kStart + 2s), kStart + 2s);
  EXPECT_FALSE(admission.is_under_load());
}

}  // namespace
}  // namespace sennit::control
