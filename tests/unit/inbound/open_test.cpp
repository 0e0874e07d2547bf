#include "inbound/open.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "outbound/seal.hpp"
#include "unit/inbound/session_pair.hpp"

namespace sennit::inbound {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr base::PathId kPath{5};

class SealAndOpen : public testing::TestWithParam<crypto::Cipher> {
 protected:
  void SetUp() override {
    crypto::initialise();
    if (GetParam() == crypto::Cipher::kAes256Gcm && !crypto::aes256gcm_available()) {
      GTEST_SKIP() << "this CPU does not accelerate AES-256-GCM";
    }
    pair_ = std::make_unique<SessionPair>(GetParam());
  }

  Bytes seal(const Bytes& frame, base::PathId path = kPath) {
    outbound::seal(pair_->near, path, {}, frame, queue_);
    const auto transmits = queue_.drain();
    return {transmits.front().bytes.begin(), transmits.front().bytes.end()};
  }
  std::variant<Opened, base::DropReason> open(Bytes& datagram) {
    const auto header = wire::SealedHeader::parse(datagram);
    if (!header) return base::DropReason::kTooShort;
    return inbound::open(pair_->far, *header, datagram);
  }

  std::unique_ptr<SessionPair> pair_;
  outbound::TransmitQueue queue_;
};

TEST_P(SealAndOpen, GiveTheFrameBackForEverySize) {
  for (std::size_t size = 0; size < 1500; size += 13) {
    Bytes frame(size);
    std::iota(frame.begin(), frame.end(), std::uint8_t{1});
    Bytes datagram = seal(frame);
    EXPECT_EQ(datagram.size(), size + outbound::kSealOverhead);
    const auto result = open(datagram);
    ASSERT_TRUE(std::holds_alternative<Opened>(result));
    EXPECT_TRUE(std::ranges::equal(std::get<Opened>(result).frame, frame));
    EXPECT_EQ(std::get<Opened>(result).verdict, crypto::ReplayWindow::Verdict::kNewest);
  }
}

TEST_P(SealAndOpen, NameTheReceiversIndexAndThePath) {
  const Bytes datagram = seal({1, 2, 3}, base::PathId{31});
  const auto header = wire::SealedHeader::parse(datagram);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->receiver, pair_->far.local_index());
  EXPECT_EQ(header->path, base::PathId{31});
}

TEST_P(SealAndOpen, RefuseEveryFlippedBit) {
  const Bytes datagram = seal({10, 20, 30, 40});
  for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
    Bytes forged = datagram;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(std::holds_alternative<Opened>(open(forged))) << "bit " << bit;
  }
  Bytes genuine = datagram;
  EXPECT_TRUE(std::holds_alternative<Opened>(open(genuine))) << "forgeries moved the window";
}

TEST_P(SealAndOpen, RefuseEveryTruncation) {
  const Bytes datagram = seal({10, 20, 30, 40});
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    Bytes cut(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(std::holds_alternative<Opened>(open(cut))) << size << " bytes";
  }
}

TEST_P(SealAndOpen, RefuseAReplayAsSuchAndTellReorderedOnesApart) {
  const Bytes first = seal({1});
  const Bytes second = seal({2});
  Bytes arriving = second;
  EXPECT_EQ(std::get<Opened>(open(arriving)).verdict, crypto::ReplayWindow::Verdict::kNewest);
  arriving = first;
  EXPECT_EQ(std::get<Opened>(open(arriving)).verdict, crypto::ReplayWindow::Verdict::kReordered);
  for (const Bytes& old : {first, second}) {
    arriving = old;
    EXPECT_EQ(std::get<base::DropReason>(open(arriving)), base::DropReason::kReplayed);
  }
}

TEST_P(SealAndOpen, KeepTheWindowsOfPathsApart) {
  for (std::uint8_t path = 0; path < base::kMaxPaths; ++path) {
    Bytes datagram = seal({path}, base::PathId{path});
    EXPECT_TRUE(std::holds_alternative<Opened>(open(datagram)));
  }
}

TEST_P(SealAndOpen, DoNotOpenWhatTheSameEndSealed) {
  Bytes datagram = seal({1, 2, 3});
  const auto header = wire::SealedHeader::parse(datagram);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(std::get<base::DropReason>(inbound::open(pair_->near, *header, datagram)),
            base::DropReason::kBadTag);
}

INSTANTIATE_TEST_SUITE_P(Ciphers, SealAndOpen,
                         testing::Values(crypto::Cipher::kChaCha20Poly1305, crypto::Cipher::kAes256Gcm),
                         [](const auto& cipher) { return std::string(crypto::to_string(cipher.param)); });

}  // namespace
}  // namespace sennit::inbound
