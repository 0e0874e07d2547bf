#include "crypto/session.hpp"

#include <gtest/gtest.h>

#include "unit/crypto/hex.hpp"

namespace sennit::crypto {
namespace {

using test::Bytes;

SessionKeys keys(std::uint8_t send, std::uint8_t receive) {
  return {.cipher = Cipher::kChaCha20Poly1305,
          .send = Secret(Bytes(Secret::kSize, send)),
          .receive = Secret(Bytes(Secret::kSize, receive))};
}

TEST(Session, CountsEachPathFromZero) {
  Session session({1}, {2}, keys(1, 2));
  EXPECT_EQ(session.most_sent(), 0U);
  EXPECT_EQ(session.take_counter({0}), 0U);
  EXPECT_EQ(session.take_counter({0}), 1U);
  EXPECT_EQ(session.take_counter({31}), 0U);
  EXPECT_EQ(session.take_counter({0}), 2U);
  EXPECT_EQ(session.most_sent(), 3U);
}

TEST(Session, OpensWhatTheOtherEndSealedButNotItsOwn) {
  const Session client({1}, {2}, keys(1, 2));
  const Session gateway({2}, {1}, keys(2, 1));
  const Bytes plaintext{1, 2, 3};
  Bytes sealed(plaintext.size() + kTagSize);
  const auto nonce = make_nonce({0}, 0);
  client.sender().seal(nonce, {}, plaintext, sealed);
  auto reflected = sealed;
  EXPECT_TRUE(gateway.receiver().open_in_place(nonce, {}, sealed));
  EXPECT_FALSE(client.receiver().open_in_place(nonce, {}, reflected));
}

TEST(Session, KeepsAReplayWindowForEachPath) {
  Session session({1}, {2}, keys(1, 2));
  EXPECT_EQ(session.window({4}).accept(7), ReplayWindow::Verdict::kNewest);
  EXPECT_FALSE(session.window({4}).is_fresh(7));
  EXPECT_TRUE(session.window({5}).is_fresh(7));
}

}  // namespace
}  // namespace sennit::crypto
