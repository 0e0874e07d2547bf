#include "wire/handshake_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

namespace sennit::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Bytes = std::vector<std::uint8_t>;

const Bytes kTimestamp = {0x81, 8, 0, 0, 0, 0, 0, 0, 0, 1};
const Bytes kBothCiphers = {0x82, 1, 3};
const Bytes kOneCipher = {0x82, 1, 2};
const Bytes kIndex = {0x83, 3, 0, 0, 7};

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes joined;
  for (const Bytes& part : parts) joined.insert(joined.end(), part.begin(), part.end());
  return joined;
}

base::Prefix prefix(std::string_view text) {
  return base::Prefix::parse(text).value();
}

InitiationFields full_initiation() {
  return {.timestamp = 0x0102030405060708,
          .ciphers = kCipherChaCha20Poly1305 | kCipherAes256Gcm,
          .addresses = {prefix("10.77.0.2"), prefix("fd00::2")},
          .networks = {prefix("192.168.0.0/16"), prefix("2001:db8::/32"), prefix("0.0.0.0/0")},
          .software = "Sennit 0.1.0"};
}

ResponseFields full_response() {
  return {.cipher = kCipherAes256Gcm,
          .index = base::SessionIndex{0xABCDEF},
          .addresses = {prefix("10.77.0.2/24")},
          .gateway_addresses = {prefix("10.77.0.1/24"), prefix("fd00::1/64")},
          .networks = {prefix("192.168.0.0/16"), prefix("192.168.1.0/24")},
          .software = "Sennit"};
}

TEST(InitiationFields, SurviveARoundTripAtEverySize) {
  const InitiationFields fields = full_initiation();
  const std::size_t least = fields.serialize(0, 1200)->size();
  for (std::size_t smallest = 0; smallest <= 1200; ++smallest) {
    const auto payload = fields.serialize(smallest, 1200);
    ASSERT_TRUE(payload);
    const bool is_unreachable = smallest == least + 1;
    EXPECT_EQ(payload->size(), is_unreachable ? least + 2 : std::max(least, smallest));
    const auto parsed = InitiationFields::parse(*payload);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->timestamp, fields.timestamp);
    EXPECT_EQ(parsed->ciphers, fields.ciphers);
    EXPECT_EQ(parsed->addresses, fields.addresses);
    EXPECT_EQ(parsed->networks, fields.networks);
    EXPECT_EQ(parsed->software, fields.software);
  }
}

TEST(InitiationFields, AreNotWrittenBeyondTheirLimit) {
  const InitiationFields fields = full_initiation();
  const std::size_t least = fields.serialize(0, 1200)->size();
  EXPECT_TRUE(fields.serialize(0, least));
  EXPECT_FALSE(fields.serialize(0, least - 1));
  EXPECT_FALSE(fields.serialize(least + 1, least + 1));
  EXPECT_FALSE(fields.serialize(300, 299));
}

TEST(InitiationFields, CutAnywhereInsideAFieldAreRefused) {
  const Bytes whole = join({kTimestamp, kBothCiphers, {0x04, 5, 32, 10, 0, 0, 1}});
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const bool is_complete = size == kTimestamp.size() + kBothCiphers.size() || size == whole.size();
    EXPECT_EQ(InitiationFields::parse(cut).has_value(), is_complete) << size;
  }
}

struct FieldCase {
  const char* what;
  Bytes field;
  bool is_accepted;
};

// What may stand behind the mandatory fields of an initiation.
const FieldCase kInitiationCases[] = {
    {"nothing", {}, true},
    {"padding", {0x00, 3, 1, 2, 3}, true},
    {"empty padding, repeated", {0x00, 0, 0x00, 0}, true},
    {"unknown optional field", {0x7E, 2, 1, 2}, true},
    {"unknown optional field, repeated", {0x7E, 0, 0x7E, 0}, true},
    {"unknown critical field", {0xFE, 2, 1, 2}, false},
    {"timestamp again", {0x81, 8, 0, 0, 0, 0, 0, 0, 0, 2}, false},
    {"ciphers again", {0x82, 1, 1}, false},
    {"session index: critical, and not for initiations", {0x83, 3, 0, 0, 1}, false},
    {"gateway address: optional, and not for initiations", {0x05, 5, 24, 10, 0, 0, 1}, true},
    {"address without length", {0x04, 0}, false},
    {"address of no family", {0x04, 1, 0}, false},
    {"address of four bytes with its length missing", {0x04, 4, 10, 0, 0, 1}, false},
    {"address of 5 bytes", {0x04, 6, 24, 10, 0, 0, 1, 2}, false},
    {"prefix of 33 bits", {0x04, 5, 33, 10, 0, 0, 1}, false},
    {"prefix of 0 bits", {0x06, 5, 0, 0, 0, 0, 0}, true},
    {"v6 prefix of 129 bits", {0x06, 17, 129, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, false},
    {"v6 prefix of 128 bits", {0x06, 17, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, true},
    {"software, empty", {0x07, 0}, true},
    {"software twice", {0x07, 1, 'a', 0x07, 1, 'b'}, false},
    {"software, empty and twice", {0x07, 0, 0x07, 0}, false},
    {"software with a line feed", {0x07, 2, 'a', '\n'}, false},
    {"type without length", {0x00}, false},
    {"length beyond the end", {0x00, 1}, false},
};

TEST(InitiationFields, FollowTheRulesForFields) {
  for (const FieldCase& c : kInitiationCases) {
    const Bytes payload = join({kTimestamp, kBothCiphers, c.field});
    EXPECT_EQ(InitiationFields::parse(payload).has_value(), c.is_accepted) << c.what;
    const Bytes field_first = join({c.field, kTimestamp, kBothCiphers});
    const bool is_cut = c.field.size() == 1 || std::string_view(c.what).starts_with("length beyond");
    if (is_cut) continue;
    EXPECT_EQ(InitiationFields::parse(field_first).has_value(), c.is_accepted) << c.what;
  }
}

TEST(InitiationFields, NeedTimestampAndCiphers) {
  EXPECT_FALSE(InitiationFields::parse(kTimestamp));
  EXPECT_FALSE(InitiationFields::parse(kBothCiphers));
  EXPECT_FALSE(InitiationFields::parse({}));
}

TEST(InitiationFields, MustOfferChaCha20Poly1305AndMayOfferCiphersOfLaterVersions) {
  EXPECT_FALSE(InitiationFields::parse(join({kTimestamp, {0x82, 1, 0xFE}})));
  const auto fields = InitiationFields::parse(join({kTimestamp, {0x82, 1, 0xFD}}));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->ciphers, kCipherChaCha20Poly1305);
}

TEST(InitiationFields, TakeSoftwareOfAtMost32Bytes) {
  for (std::uint8_t size = 30; size < 36; ++size) {
    const Bytes software = join({{0x07, size}, Bytes(size, 'x')});
    EXPECT_EQ(InitiationFields::parse(join({kTimestamp, kBothCiphers, software})).has_value(), size <= 32);
  }
}

TEST(InitiationFields, LeaveOutSoftwareThatWouldBeRefused) {
  for (const std::string& software : {std::string(33, 'x'), std::string("a\tb"), std::string("\xC3\xA9")}) {
    InitiationFields fields = full_initiation();
    fields.software = software;
    EXPECT_EQ(InitiationFields::parse(fields.serialize(0, 1200).value())->software, "");
  }
}

TEST(InitiationFields, HoldAsManyNetworksAsFit) {
  InitiationFields fields;
  fields.ciphers = kCipherChaCha20Poly1305;
  fields.networks.assign(150, prefix("10.0.0.0/8"));
  const auto payload = fields.serialize(0, 1200);
  ASSERT_TRUE(payload);
  EXPECT_EQ(InitiationFields::parse(*payload)->networks.size(), 150U);
}

TEST(ResponseFields, SurviveARoundTrip) {
  const ResponseFields fields = full_response();
  const auto parsed = ResponseFields::parse(fields.serialize(1200).value());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->cipher, fields.cipher);
  EXPECT_EQ(parsed->index, fields.index);
  EXPECT_EQ(parsed->addresses, fields.addresses);
  EXPECT_EQ(parsed->gateway_addresses, fields.gateway_addresses);
  EXPECT_EQ(parsed->networks, fields.networks);
  EXPECT_EQ(parsed->software, fields.software);
}

TEST(ResponseFields, LeaveOutSoftwareThenNetworksThenGatewayAddresses) {
  const ResponseFields fields = full_response();
  const std::size_t whole = fields.serialize(1200)->size();
  const auto at_most = [&](std::size_t size) {
    return ResponseFields::parse(fields.serialize(size).value()).value();
  };
  EXPECT_EQ(at_most(whole).software, "Sennit");
  EXPECT_EQ(at_most(whole - 1).software, "");
  EXPECT_EQ(at_most(whole - 1).networks, fields.networks);
  const std::size_t without_software = whole - 8;
  EXPECT_THAT(at_most(without_software - 1).networks, ElementsAre(fields.networks[0]));
  EXPECT_THAT(at_most(without_software - 8).networks, IsEmpty());
  EXPECT_EQ(at_most(without_software - 14).gateway_addresses, fields.gateway_addresses);
  EXPECT_THAT(at_most(without_software - 15).gateway_addresses, ElementsAre(fields.gateway_addresses[0]));
  EXPECT_THAT(at_most(without_software - 15).networks, IsEmpty());
}

TEST(ResponseFields, NeverExceedTheirLimitAndNeverLoseAddresses) {
  const ResponseFields fields = full_response();
  const std::size_t mandatory = kOneCipher.size() + kIndex.size() + 7;
  for (std::size_t largest = 0; largest < 120; ++largest) {
    const auto payload = fields.serialize(largest);
    ASSERT_EQ(payload.has_value(), largest >= mandatory) << largest;
    if (!payload) continue;
    EXPECT_LE(payload->size(), largest);
    EXPECT_EQ(ResponseFields::parse(*payload)->addresses, fields.addresses);
  }
}

// What may stand behind the mandatory fields of a response.
const FieldCase kResponseCases[] = {
    {"nothing", {}, true},
    {"unknown optional field", {0x7E, 2, 1, 2}, true},
    {"unknown critical field", {0xFE, 2, 1, 2}, false},
    {"timestamp: critical, and not for responses", {0x81, 8, 0, 0, 0, 0, 0, 0, 0, 2}, false},
    {"cipher again", {0x82, 1, 2}, false},
    {"session index again", {0x83, 3, 0, 0, 7}, false},
    {"gateway address of 5 bytes", {0x05, 6, 24, 10, 0, 0, 1, 2}, false},
    {"gateway address, repeated", {0x05, 5, 24, 10, 0, 0, 1, 0x05, 5, 24, 10, 0, 0, 1}, true},
    {"software with an escape", {0x07, 1, 0x1B}, false},
};

TEST(ResponseFields, FollowTheRulesForFields) {
  for (const FieldCase& c : kResponseCases) {
    const Bytes payload = join({kOneCipher, kIndex, c.field});
    EXPECT_EQ(ResponseFields::parse(payload).has_value(), c.is_accepted) << c.what;
  }
}

TEST(ResponseFields, NeedExactlyOneCipherAndAnIndexOfThreeBytes) {
  EXPECT_FALSE(ResponseFields::parse(kOneCipher));
  EXPECT_FALSE(ResponseFields::parse(kIndex));
  EXPECT_FALSE(ResponseFields::parse(join({kOneCipher, {0x83, 2, 0, 7}})));
  EXPECT_FALSE(ResponseFields::parse(join({kOneCipher, {0x83, 4, 0, 0, 0, 7}})));
  for (unsigned cipher = 0; cipher < 256; ++cipher) {
    const Bytes field = {0x82, 1, static_cast<std::uint8_t>(cipher)};
    EXPECT_EQ(ResponseFields::parse(join({field, kIndex})).has_value(), cipher == 1 || cipher == 2) << cipher;
  }
}

}  // namespace
}  // namespace sennit::wire
