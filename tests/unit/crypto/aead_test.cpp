#include "crypto/aead.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/rng.hpp"
#include "unit/crypto/aead_implementations.hpp"
#include "unit/crypto/guarded_page.hpp"
#include "unit/crypto/hex.hpp"

namespace sennit::crypto {
namespace {

using test::Bytes;
using test::from_hex;
using test::GuardedPage;
using test::Implementation;
using test::random;
using test::seal;
using test::to_hex;

Nonce to_nonce(const Bytes& bytes) {
  Nonce nonce{};
  std::ranges::copy(bytes, nonce.begin());
  return nonce;
}

struct KnownAnswer {
  const char* source;
  Cipher cipher;
  std::string key;
  std::string nonce;
  std::string associated;
  std::string plaintext;
  std::string sealed;
};

// The names of McGrew and Viega's test cases are those of "The Galois/Counter Mode of Operation", appendix B.
const KnownAnswer kKnownAnswers[] = {
    {"RFC 8439, section 2.8.2", Cipher::kChaCha20Poly1305,
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
     "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f75"
     "6c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e7363726565"
     "6e20776f756c642062652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71"
     "de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def0"
     "8e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
    {"RFC 8439, appendix A.5", Cipher::kChaCha20Poly1305,
     "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0", "000000000102030405060708",
     "f33388860000000000004e91",
     to_hex(base::ConstByteSpan(
         reinterpret_cast<const std::uint8_t*>(
             "Internet-Drafts are draft documents valid for a maximum of six months "
             "and may be updated, replaced, or obsoleted by other documents at any time. "
             "It is inappropriate to use Internet-Drafts as reference material or to cite "
             "them other than as /\xE2\x80\x9Cwork in progress./\xE2\x80\x9D"),
         265)),
     "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0bdb7"
     "b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8559797a06e"
     "f4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e99040c5a40433"
     "225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a0bb2316053fa7699"
     "1955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130305beaba2eda04df997b"
     "714d6c6f2c29a6ad5cb4022b02709beead9d67890cbb22392336fea1851f38"},
    {"GCM test case 13: no plaintext, zero key", Cipher::kAes256Gcm, std::string(64, '0'),
     std::string(24, '0'), "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"GCM test case 14: one zero block, zero key", Cipher::kAes256Gcm, std::string(64, '0'),
     std::string(24, '0'), "", std::string(32, '0'),
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"GCM test case 15: whole blocks, no associated data", Cipher::kAes256Gcm,
     "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
     "b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
     "c5f61e6393ba7a0abcc9f662898015adb094dac5d93471bdec1a502270e3cc6c"},
    {"GCM test case 16: a short last block, associated data", Cipher::kAes256Gcm,
     "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
     "b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
     "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
};

class EachImplementation : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    if (!GetParam().available())
      GTEST_SKIP() << GetParam().name << " does not work on this CPU or in this build";
    aead_ = GetParam().make(Secret(random(rng_, Secret::kSize)));
  }

  base::Rng rng_{2026};
  std::unique_ptr<Aead> aead_;
  const Nonce nonce_ = make_nonce(base::PathId{3}, 77);
};

TEST_P(EachImplementation, GivesThePublishedAnswers) {
  for (const auto& known : kKnownAnswers) {
    if (known.cipher != GetParam().cipher) continue;
    SCOPED_TRACE(known.source);
    const auto aead = GetParam().make(Secret(from_hex(known.key)));
    const auto nonce = to_nonce(from_hex(known.nonce));
    auto sealed = seal(*aead, nonce, from_hex(known.associated), from_hex(known.plaintext));
    EXPECT_EQ(to_hex(sealed), known.sealed);
    ASSERT_TRUE(aead->open_in_place(nonce, from_hex(known.associated), sealed));
    EXPECT_EQ(to_hex(base::ConstByteSpan(sealed).first(sealed.size() - kTagSize)), known.plaintext);
  }
}

TEST_P(EachImplementation, OpensWhatItSealedAtEveryLengthAndAlignment) {
  for (std::size_t size = 0; size <= 2000; ++size) {
    SCOPED_TRACE(size);
    const auto plaintext = random(rng_, size);
    const auto associated = random(rng_, 8);
    const std::size_t shift = rng_.below(16);
    Bytes buffer(shift + size + kTagSize);
    const auto sealed = base::ByteSpan(buffer).subspan(shift);
    aead_->seal(nonce_, associated, plaintext, sealed);
    ASSERT_TRUE(aead_->open_in_place(nonce_, associated, sealed));
    ASSERT_TRUE(std::ranges::equal(sealed.first(size), plaintext));
  }
}

TEST_P(EachImplementation, SealsInPlaceAsItSealsElsewhere) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 127U, 128U, 129U, 1448U, 9000U}) {
    SCOPED_TRACE(size);
    const auto plaintext = random(rng_, size);
    const auto associated = random(rng_, 8);
    auto buffer = plaintext;
    buffer.resize(size + kTagSize);
    aead_->seal(nonce_, associated, base::ConstByteSpan(buffer).first(size), buffer);
    EXPECT_EQ(buffer, seal(*aead_, nonce_, associated, plaintext));
  }
}

TEST_P(EachImplementation, RefusesADatagramWithAnyOneBitFlipped) {
  const auto associated = random(rng_, 8);
  const auto sealed = seal(*aead_, nonce_, associated, random(rng_, 200));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto tampered = sealed;
    tampered[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(aead_->open_in_place(nonce_, associated, tampered)) << "bit " << bit;
  }
}

TEST_P(EachImplementation, RefusesAnotherHeaderNonceKeyOrLength) {
  const auto associated = random(rng_, 8);
  const auto sealed = seal(*aead_, nonce_, associated, random(rng_, 64));
  for (std::size_t i = 0; i < associated.size(); ++i) {
    auto header = associated;
    header[i] ^= 1U;
    auto copy = sealed;
    EXPECT_FALSE(aead_->open_in_place(nonce_, header, copy)) << "header byte " << i;
  }
  for (std::size_t i = 0; i < nonce_.size(); ++i) {
    auto nonce = nonce_;
    nonce[i] ^= 1U;
    auto copy = sealed;
    EXPECT_FALSE(aead_->open_in_place(nonce, associated, copy)) << "nonce byte " << i;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    Bytes copy(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(aead_->open_in_place(nonce_, associated, copy)) << "cut to " << size;
  }
  const auto other = GetParam().make(Secret(random(rng_, Secret::kSize)));
  auto copy = sealed;
  EXPECT_FALSE(other->open_in_place(nonce_, associated, copy));
}

TEST_P(EachImplementation, RefusesALongDatagramWithAByteChanged) {
  const auto associated = random(rng_, 8);
  const auto sealed = seal(*aead_, nonce_, associated, random(rng_, 60'000));
  for (int i = 0; i < 100; ++i) {
    auto tampered = sealed;
    const auto position = rng_.below(sealed.size());
    tampered[position] ^= static_cast<std::uint8_t>(1 + rng_.below(255));
    EXPECT_FALSE(aead_->open_in_place(nonce_, associated, tampered)) << "byte " << position;
  }
}

TEST_P(EachImplementation, DoesNotHandOutWhatItRefuses) {
  const auto plaintext = random(rng_, 200);
  auto sealed = seal(*aead_, nonce_, {}, plaintext);
  sealed.back() ^= 1U;
  ASSERT_FALSE(aead_->open_in_place(nonce_, {}, sealed));
  EXPECT_FALSE(
      std::ranges::equal(base::ConstByteSpan(sealed).first(16), base::ConstByteSpan(plaintext).first(16)));
}

TEST_P(EachImplementation, TouchesNothingInFrontOfItsBuffersOrBehindThem) {
  GuardedPage in;
  GuardedPage out;
  for (std::size_t size = 0; size <= 700; ++size) {
    SCOPED_TRACE(size);
    const auto plaintext = random(rng_, size);
    const auto expected = seal(*aead_, nonce_, {}, plaintext);
    for (const auto end : {GuardedPage::End::kFront, GuardedPage::End::kBack}) {
      const auto source = in.at(end, size);
      const auto sealed = out.at(end, size + kTagSize);
      std::ranges::copy(plaintext, source.begin());
      aead_->seal(nonce_, {}, source, sealed);
      ASSERT_TRUE(std::ranges::equal(sealed, expected));
      ASSERT_TRUE(aead_->open_in_place(nonce_, {}, sealed));
      ASSERT_TRUE(std::ranges::equal(sealed.first(size), plaintext));
    }
  }
}

using EachImplementationDeathTest = EachImplementation;

TEST_P(EachImplementationDeathTest, RefusesToSealIntoAPartOfThePlaintextOrTooLittleRoom) {
  Bytes buffer(200 + kTagSize);
  const auto all = base::ByteSpan(buffer);
  EXPECT_DEATH(aead_->seal(nonce_, {}, all.first(150), all.subspan(1)), "");
  EXPECT_DEATH(aead_->seal(nonce_, {}, all.subspan(1, 150), all), "");
  EXPECT_DEATH(aead_->seal(nonce_, {}, all.first(150), all.first(150 + kTagSize - 1)), "");
  aead_->seal(nonce_, {}, all.first(100), all.subspan(100));
  aead_->seal(nonce_, {}, all.subspan(116, 100), all.first(116));
}

INSTANTIATE_TEST_SUITE_P(Aead, EachImplementationDeathTest, testing::ValuesIn(test::kImplementations),
                         [](const auto& implementation) { return std::string(implementation.param.name); });

INSTANTIATE_TEST_SUITE_P(Aead, EachImplementation, testing::ValuesIn(test::kImplementations),
                         [](const auto& implementation) { return std::string(implementation.param.name); });

TEST(MakeAead, UsesWhatItNames) {
  const Secret key(Bytes(Secret::kSize, 9));
  const auto chacha = seal(*make_aead(Cipher::kChaCha20Poly1305, key), Nonce{}, {}, Bytes(40));
  EXPECT_EQ(chacha, seal(*make_libsodium_chacha20poly1305(key), Nonce{}, {}, Bytes(40)));
  if (!aes256gcm_available()) {
    EXPECT_EQ(aes256gcm_implementation(), "none");
    GTEST_SKIP() << "this CPU does not accelerate AES-256-GCM";
  }
  EXPECT_EQ(aes256gcm_implementation(), ipsec_mb_available() ? "ipsec-mb" : "libsodium");
  const auto aes = seal(*make_aead(Cipher::kAes256Gcm, key), Nonce{}, {}, Bytes(40));
  EXPECT_EQ(aes, seal(*make_libsodium_aes256gcm(key), Nonce{}, {}, Bytes(40)));
}

TEST(MakeNonce, PutsThePathInFrontOfTheCounterInNetworkOrder) {
  EXPECT_EQ(to_hex(make_nonce(base::PathId{0}, 0)), "000000000000000000000000");
  EXPECT_EQ(to_hex(make_nonce(base::PathId{31}, 1)), "0000001f0000000000000001");
  EXPECT_EQ(to_hex(make_nonce(base::PathId{2}, 0x0102030405060708)), "000000020102030405060708");
}

TEST(DeriveTransportKey, GivesEachCipherItsOwnKey) {
  const Secret split_key(Bytes(Secret::kSize, 7));
  EXPECT_NE(to_hex(derive_transport_key(Cipher::kAes256Gcm, split_key).bytes()),
            to_hex(derive_transport_key(Cipher::kChaCha20Poly1305, split_key).bytes()));
}

}  // namespace
}  // namespace sennit::crypto
