// Every wire vector is parsed and written again, or refused; and none is left out.
#include "unit/wire/vectors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "wire/frames.hpp"
#include "wire/handshake_fields.hpp"
#include "wire/outer.hpp"

namespace sennit::wire {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::ElementsAreArray;

using Check = std::function<void(Bytes&)>;
using Checks = std::map<std::string, Check, std::less<>>;

base::Prefix prefix(std::string_view text) {
  return base::Prefix::parse(text).value();
}

// Runs the check of every vector in the file; a vector without a check, or a check without a vector, fails.
void check_all(std::string_view file_name, const Checks& checks) {
  Vectors vectors = load_vectors(file_name);
  for (const auto& [name, check] : checks) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(vectors.contains(name));
    check(vectors[name]);
  }
  for (const auto& [name, bytes] : vectors) EXPECT_TRUE(checks.contains(name)) << name << " is not checked";
}

void check_initiation(Bytes& bytes, std::uint32_t sender, std::uint8_t version, std::size_t noise_size) {
  const auto message = Initiation::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->sender.value, sender);
  EXPECT_EQ(message->version, version);
  EXPECT_EQ(message->noise.size(), noise_size);
  EXPECT_EQ(message->before_mac1.size(), 8 + noise_size);
  EXPECT_EQ(message->before_mac2.size(), 8 + noise_size + 16);
}

// The datagram made of a written header and the rest of the vector.
template <class Message>
Bytes with_written_header(const Bytes& bytes, std::uint32_t index) {
  Bytes written = bytes;
  Message::write_header(base::SessionIndex{index}, std::span(written).template first<8>());
  return written;
}

TEST(WireVectors, OfOuterMessagesParseAndSerialize) {
  const Check refused = [](Bytes& bytes) {
    EXPECT_FALSE(Initiation::parse(bytes));
    EXPECT_FALSE(Response::parse(bytes));
    EXPECT_FALSE(CookieReply::parse(bytes));
    EXPECT_FALSE(SealedHeader::parse(bytes));
  };
  const Check reserved_type = [&](Bytes& bytes) {
    EXPECT_FALSE(message_type(bytes));
    refused(bytes);
  };
  const Checks checks = {
      {"initiation",
       [](Bytes& bytes) {
         check_initiation(bytes, 0x010203, 1, 360);
         const auto message = Initiation::parse(bytes);
         EXPECT_THAT(message->mac1, Each(0xD1));
         EXPECT_THAT(message->mac2, Each(0));
         EXPECT_THAT(message->noise.first(32), Each(0xE1));
         EXPECT_THAT(message->header, ElementsAre(0x20, 1, 2, 3, 1, 0, 0, 0));
         EXPECT_EQ(with_written_header<Initiation>(bytes, 0x010203), bytes);
       }},
      {"initiation-reserved-bits-set",
       [](Bytes& bytes) {
         check_initiation(bytes, 0xFFFFFF, 1, 360);
         EXPECT_THAT(Initiation::parse(bytes)->header,
                     ElementsAreArray({0x3F, 0xFF, 0xFF, 0xFF, 1, 0xAA, 0xBB, 0xCC}));
         EXPECT_THAT(Initiation::parse(bytes)->mac2, Each(0xD2));
       }},
      {"initiation-version-2", [](Bytes& bytes) { check_initiation(bytes, 0x010203, 2, 360); }},
      {"refused-initiation-short", refused},
      {"response",
       [](Bytes& bytes) {
         const auto message = Response::parse(bytes);
         ASSERT_TRUE(message);
         EXPECT_EQ(message->receiver.value, 0x010203U);
         EXPECT_EQ(message->version, 1);
         EXPECT_EQ(message->noise.size(), 56U);
         EXPECT_EQ(message->before_mac1.size(), 64U);
         EXPECT_THAT(message->mac1, Each(0xD3));
         EXPECT_EQ(with_written_header<Response>(bytes, 0x010203), bytes);
       }},
      {"refused-response-short", refused},
      {"cookie-reply",
       [](Bytes& bytes) {
         const auto reply = CookieReply::parse(bytes);
         ASSERT_TRUE(reply);
         EXPECT_EQ(reply->receiver.value, 0x010203U);
         EXPECT_THAT(reply->nonce, Each(0x0C));
         EXPECT_THAT(reply->sealed_cookie, Each(0x5C));
         std::array<std::uint8_t, CookieReply::kSize> written{};
         reply->serialize(written);
         EXPECT_THAT(written, ElementsAreArray(bytes));
       }},
      {"refused-cookie-reply-long", refused},
      {"sealed",
       [](Bytes& bytes) {
         const auto header = SealedHeader::parse(bytes);
         ASSERT_TRUE(header);
         EXPECT_EQ(header->path.value, 3);
         EXPECT_EQ(header->receiver.value, 0x0A0B0CU);
         EXPECT_EQ(header->counter_low, 0xFFFEFDFCU);
         std::array<std::uint8_t, SealedHeader::kSize> written{};
         header->serialize(written);
         EXPECT_THAT(written, ElementsAreArray(std::span(bytes).first(8)));
       }},
      {"sealed-empty-plaintext",
       [](Bytes& bytes) {
         const auto header = SealedHeader::parse(bytes);
         ASSERT_TRUE(header);
         EXPECT_EQ(header->path.value, 31);
         EXPECT_EQ(header->receiver.value, 1U);
         EXPECT_EQ(header->counter_low, 0U);
       }},
      {"refused-sealed-short", refused},
      {"refused-type-0", reserved_type},
      {"refused-type-5", reserved_type},
      {"refused-type-7", reserved_type},
  };
  check_all("wire-outer.txt", checks);
}

TEST(WireVectors, OfHandshakeFieldsParseAndSerialize) {
  const Check refused_initiation = [](Bytes& bytes) { EXPECT_FALSE(InitiationFields::parse(bytes)); };
  const Check refused_response = [](Bytes& bytes) { EXPECT_FALSE(ResponseFields::parse(bytes)); };
  const Checks checks = {
      {"initiation-least",
       [](Bytes& bytes) {
         const auto fields = InitiationFields::parse(bytes);
         ASSERT_TRUE(fields);
         EXPECT_EQ(fields->timestamp, 1U);
         EXPECT_EQ(fields->ciphers, kCipherChaCha20Poly1305);
         EXPECT_EQ(fields->serialize(0, bytes.size()), bytes);
       }},
      {"initiation-every-field",
       [](Bytes& bytes) {
         const auto fields = InitiationFields::parse(bytes);
         ASSERT_TRUE(fields);
         EXPECT_EQ(fields->timestamp, 1'759'230'820'087'648'080U);
         EXPECT_EQ(fields->ciphers, kCipherChaCha20Poly1305 | kCipherAes256Gcm);
         EXPECT_THAT(fields->addresses, ElementsAre(prefix("10.77.0.2"), prefix("fd00:4d::2")));
         EXPECT_THAT(fields->networks, ElementsAre(prefix("192.168.1.0/24"), prefix("2001:db8:1:2::/64")));
         EXPECT_EQ(fields->software, "Sennit 0.");
         EXPECT_EQ(fields->serialize(bytes.size(), bytes.size()), bytes);
       }},
      {"response-least",
       [](Bytes& bytes) {
         const auto fields = ResponseFields::parse(bytes);
         ASSERT_TRUE(fields);
         EXPECT_EQ(fields->cipher, kCipherAes256Gcm);
         EXPECT_EQ(fields->index.value, 0x0A0B0CU);
         EXPECT_EQ(fields->serialize(bytes.size()), bytes);
       }},
      {"response-every-field",
       [](Bytes& bytes) {
         const auto fields = ResponseFields::parse(bytes);
         ASSERT_TRUE(fields);
         EXPECT_EQ(fields->cipher, kCipherChaCha20Poly1305);
         EXPECT_EQ(fields->index.value, base::kMaxSessionIndex);
         EXPECT_THAT(fields->addresses, ElementsAre(prefix("10.77.0.2/24"), prefix("fd00:4d::2/64")));
         EXPECT_THAT(fields->gateway_addresses, ElementsAre(prefix("10.77.0.1/24")));
         EXPECT_THAT(fields->networks, ElementsAre(prefix("192.168.1.0/24")));
         EXPECT_EQ(fields->software, "Sennit");
         EXPECT_EQ(fields->serialize(bytes.size()), bytes);
       }},
      {"skipped-initiation-unknown-optional",
       [](Bytes& bytes) {
         const auto fields = InitiationFields::parse(bytes);
         ASSERT_TRUE(fields);
         EXPECT_EQ(fields->timestamp, 1U);
       }},
      {"refused-initiation-unknown-critical", refused_initiation},
      {"refused-initiation-repeated", refused_initiation},
      {"refused-initiation-wrong-length", refused_initiation},
      {"refused-initiation-prefix-too-long", refused_initiation},
      {"refused-initiation-no-chacha20poly1305", refused_initiation},
      {"refused-response-two-ciphers", refused_response},
  };
  check_all("wire-handshake-fields.txt", checks);
}

void check_data(const Bytes& bytes, const DataHeader& expected) {
  const auto header = DataHeader::parse(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind, expected.kind);
  EXPECT_EQ(header->flags, expected.flags);
  EXPECT_EQ(header->bucket, expected.bucket);
  EXPECT_EQ(header->sequence, expected.sequence);
  std::array<std::uint8_t, DataHeader::kSize> written{};
  header->serialize(written);
  EXPECT_THAT(written, ElementsAreArray(std::span(bytes).first(8)));
}

void check_bundle(Bytes& bytes) {
  BundleReader reader(bytes);
  const auto first = reader.next();
  const auto second = reader.next();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(first->bucket.value, 5);
  EXPECT_EQ(first->sequence.value, 7U);
  EXPECT_THAT(first->packet, ElementsAreArray(Bytes(20, 0x45)));
  EXPECT_EQ(second->bucket.value, 1023);
  EXPECT_EQ(second->sequence.value, 0xFFFFFFFFU);
  EXPECT_THAT(second->packet, ElementsAreArray(Bytes(40, 0x60)));
  Bytes written(bytes.size());
  BundleWriter writer(written);
  EXPECT_TRUE(writer.add(*first) && writer.add(*second));
  EXPECT_EQ(writer.written(), bytes.size());
  EXPECT_EQ(written, bytes);
}

void check_bundle_refused(Bytes& bytes) {
  BundleReader reader(bytes);
  while (reader.next()) continue;
  EXPECT_FALSE(reader.ok());
}

std::vector<ControlMessage> messages_of(const Bytes& frame) {
  ControlReader reader(frame);
  std::vector<ControlMessage> messages;
  while (const auto message = reader.next()) messages.push_back(*message);
  EXPECT_TRUE(reader.ok());
  return messages;
}

template <class Message>
Bytes control_frame(const Message& message) {
  Bytes frame(100);
  ControlWriter writer(frame);
  writer.add(message);
  EXPECT_TRUE(writer.ok());
  frame.resize(writer.written());
  return frame;
}

// The only message of the frame, which must be of type `type` and come out the same when written again.
template <class Message>
Message check_single(const Bytes& bytes, ControlType type) {
  const auto messages = messages_of(bytes);
  EXPECT_EQ(messages.size(), 1U);
  EXPECT_EQ(ControlType{messages.at(0).type}, type);
  const auto message = Message::parse(messages.at(0).body).value();
  EXPECT_EQ(control_frame(message), bytes);
  return message;
}

template <class Message>
void check_message_refused(const Bytes& bytes) {
  const auto messages = messages_of(bytes);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_FALSE(Message::parse(messages[0].body));
}

void check_probe(const Bytes& bytes) {
  const auto probe = check_single<Probe>(bytes, ControlType::kProbe);
  EXPECT_TRUE(probe.wants_reply);
  EXPECT_FALSE(probe.has_echo);
  EXPECT_EQ(probe.sent_at, 1'000'000U);
  EXPECT_EQ(probe.received, 100U);
  EXPECT_EQ(probe.expected, 102U);
}

void check_probe_echo(const Bytes& bytes) {
  const auto probe = check_single<Probe>(bytes, ControlType::kProbe);
  EXPECT_FALSE(probe.wants_reply);
  EXPECT_TRUE(probe.has_echo);
  EXPECT_EQ(probe.echo_size, 1448);
  EXPECT_EQ(probe.sent_at, 0xFFFFFFFFU);
  EXPECT_EQ(probe.echo, 1'000'000U);
  EXPECT_EQ(probe.hold, 200U);
  EXPECT_EQ(probe.received, 101U);
  EXPECT_EQ(probe.expected, 103U);
}

void check_path(const Bytes& bytes) {
  const auto path = check_single<PathAnnouncement>(bytes, ControlType::kPath);
  EXPECT_EQ(path.path.value, 5);
  EXPECT_EQ(path.state, AnnouncedState::kUp);
  EXPECT_EQ(path.link_mtu, 1492);
  EXPECT_EQ(path.rate.bits_per_second, 10'000'000U);
  EXPECT_EQ(path.cost, 2U);
  EXPECT_EQ(path.name, "adsl");
}

void check_path_nameless(const Bytes& bytes) {
  const auto path = check_single<PathAnnouncement>(bytes, ControlType::kPath);
  EXPECT_EQ(path.path.value, 31);
  EXPECT_EQ(path.state, AnnouncedState::kBackup);
  EXPECT_EQ(path.rate.bits_per_second, 0U);
  EXPECT_EQ(path.name, "");
}

void check_three_messages(const Bytes& bytes) {
  const auto messages = messages_of(bytes);
  ASSERT_EQ(messages.size(), 3U);
  const auto probe = Probe::parse(messages[0].body);
  const auto path = PathAnnouncement::parse(messages[1].body);
  ASSERT_TRUE(probe && path);
  EXPECT_EQ(probe->hold, 3U);
  EXPECT_EQ(path->state, AnnouncedState::kDown);
  EXPECT_EQ(path->rate.bits_per_second, ~std::uint64_t{0});
  EXPECT_EQ(path->name, "\u00E91");
  EXPECT_EQ(ControlType{messages[2].type}, ControlType::kPadding);
  Bytes written(bytes.size());
  ControlWriter writer(written);
  writer.add(*probe);
  writer.add(*path);
  writer.pad_to(bytes.size());
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(written, bytes);
}

void check_report(const Bytes& bytes) {
  const auto report = check_single<Report>(bytes, ControlType::kReport);
  EXPECT_EQ(report.path.value, 3);
  EXPECT_EQ(report.highest, 0xFFFFFFFEU);
  EXPECT_EQ(report.arrived_at, 1'000'000U);
  EXPECT_EQ(report.hold, 200U);
  EXPECT_EQ(report.received, 1000U);
  EXPECT_EQ(report.received_bytes, 1'440'000U);
  EXPECT_THAT(report.marks(), ElementsAre(ArrivalMark{10, 625}, ArrivalMark{0, 0}));
  EXPECT_EQ(report.marks().front().before * ArrivalMark::kMicroseconds, 5000U);
  EXPECT_THAT(report.missing(), ElementsAre(MissingRun{5, 2}, MissingRun{2048, 255}));
}

void check_report_least(const Bytes& bytes) {
  const auto report = check_single<Report>(bytes, ControlType::kReport);
  EXPECT_EQ(report.path.value, 31);
  EXPECT_EQ(report.received, 1U);
  EXPECT_EQ(report.received_bytes, 64U);
  EXPECT_TRUE(report.marks().empty());
  EXPECT_TRUE(report.missing().empty());
}

void check_skipped(const Bytes& bytes) {
  const auto messages = messages_of(bytes);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].type, 6);
  EXPECT_EQ(messages[1].type, 0xFE);
  EXPECT_EQ(Close::parse(messages[2].body)->reason, CloseReason::kTunnelChanged);
}

void check_control_refused(const Bytes& bytes) {
  ControlReader reader(bytes);
  while (reader.next()) continue;
  EXPECT_FALSE(reader.ok());
}

TEST(WireVectors, OfFramesParseAndSerialize) {
  const auto data = [](DataHeader expected) { return [=](Bytes& bytes) { check_data(bytes, expected); }; };
  const auto close = [](CloseReason expected) {
    return [=](Bytes& bytes) { EXPECT_EQ(check_single<Close>(bytes, ControlType::kClose).reason, expected); };
  };
  const auto capacity = [](CapacityNote expected) {
    return
        [=](Bytes& bytes) { EXPECT_EQ(check_single<CapacityNote>(bytes, ControlType::kCapacity), expected); };
  };
  const Checks checks = {
      {"data", data({FrameKind::kData, 0, base::FlowBucket{683}, base::FlowSequence{123'456}})},
      {"data-open-checksum", data({FrameKind::kData, kFlagCopies | kFlagOpenChecksum, base::FlowBucket{683},
                                   base::FlowSequence{123'457}})},
      {"data-kept", data({FrameKind::kData, kFlagKept, base::FlowBucket{683}, base::FlowSequence{123'458}})},
      {"bundle", check_bundle},
      {"refused-bundle-empty", check_bundle_refused},
      {"refused-bundle-cut", check_bundle_refused},
      {"fragment-first", data({FrameKind::kFragment, FragmentPosition{0, false}.to_flags(),
                               base::FlowBucket{5}, base::FlowSequence{9}})},
      {"fragment-last", data({FrameKind::kFragment, FragmentPosition{1, true}.to_flags(), base::FlowBucket{5},
                              base::FlowSequence{9}})},
      {"refused-data-cut", [](Bytes& bytes) { EXPECT_FALSE(DataHeader::parse(bytes)); }},
      {"control-probe", check_probe},
      {"control-probe-echo", check_probe_echo},
      {"control-path", check_path},
      {"control-path-nameless", check_path_nameless},
      {"control-report", check_report},
      {"control-report-least", check_report_least},
      {"control-capacity", capacity({base::PathId{3}, true, 1, {10'000'000}})},
      {"control-capacity-unknown", capacity({base::PathId{0}, false, 0, {}})},
      {"control-close", close(CloseReason::kShutdown)},
      {"control-close-tunnel-changed", close(CloseReason::kTunnelChanged)},
      {"control-probe-path-padding", check_three_messages},
      {"control-skipped", check_skipped},
      {"refused-control-empty", check_control_refused},
      {"refused-control-cut", check_control_refused},
      {"refused-probe-short", check_message_refused<Probe>},
      {"refused-path-id", check_message_refused<PathAnnouncement>},
      {"refused-path-name", check_message_refused<PathAnnouncement>},
      {"refused-close-short", check_message_refused<Close>},
      {"refused-report-short", check_message_refused<Report>},
      {"refused-report-marks", check_message_refused<Report>},
      {"refused-report-missing", check_message_refused<Report>},
      {"refused-report-path", check_message_refused<Report>},
      {"refused-capacity-path", check_message_refused<CapacityNote>},
      {"refused-capacity-short", check_message_refused<CapacityNote>},
  };
  check_all("wire-frames.txt", checks);
}

}  // namespace
}  // namespace sennit::wire
