#include "wire/frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sennit::wire {
namespace {

using testing::Each;
using testing::ElementsAre;
using Bytes = std::vector<std::uint8_t>;

TEST(DataHeader, IsOnlyReadFromDataAndFragments) {
  for (unsigned kind = 0; kind < 256; ++kind) {
    const Bytes frame = {static_cast<std::uint8_t>(kind), 0, 0, 0, 0, 0, 0, 0};
    EXPECT_EQ(DataHeader::parse(frame).has_value(), kind == 1 || kind == 3) << kind;
  }
}

TEST(DataHeader, IsRefusedAtEveryShorterLength) {
  for (std::size_t size = 0; size < DataHeader::kSize; ++size)
    EXPECT_FALSE(DataHeader::parse(Bytes(size, 1)));
}

TEST(FragmentPosition, SurvivesTheFlagsByte) {
  for (unsigned flags = 0; flags < 256; ++flags) {
    const auto position = FragmentPosition::from_flags(static_cast<std::uint8_t>(flags));
    EXPECT_EQ(position.number, flags % 128);
    EXPECT_EQ(position.is_last, flags >= 128);
    EXPECT_EQ(position.to_flags(), flags);
  }
}

// Two packets of 3 and 5 bytes.
Bytes small_bundle() {
  Bytes first(3, 0xAA);
  Bytes second(5, 0xBB);
  Bytes frame(2 + 2 * BundledPacket::kHeaderSize + 8);
  BundleWriter writer(frame);
  EXPECT_TRUE(writer.add({base::FlowBucket{1}, base::FlowSequence{2}, first}));
  EXPECT_TRUE(writer.add({base::FlowBucket{3}, base::FlowSequence{4}, second}));
  return frame;
}

TEST(BundleReader, NeverEndsCleanlyInsideAPacket) {
  const Bytes whole = small_bundle();
  const std::size_t after_first = 2 + BundledPacket::kHeaderSize + 3;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    BundleReader reader(cut);
    while (reader.next()) continue;
    EXPECT_EQ(reader.ok(), size == after_first || size == whole.size()) << size;
  }
}

TEST(BundleReader, GivesPacketsThatCanBeChangedInPlace) {
  Bytes frame = small_bundle();
  BundleReader reader(frame);
  reader.next()->packet[0] = 0xCC;
  EXPECT_EQ(frame[2 + BundledPacket::kHeaderSize], 0xCC);
}

TEST(BundleReader, RefusesOtherKinds) {
  Bytes frame = small_bundle();
  frame[0] = 4;
  BundleReader reader(frame);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.ok());
}

TEST(BundleWriter, LeavesOutWhatDoesNotFit) {
  Bytes out(20);
  Bytes packet(4, 0xAA);
  BundleWriter writer(out);
  EXPECT_TRUE(writer.add({{}, {}, packet}));
  EXPECT_FALSE(writer.add({{}, {}, packet}));
  EXPECT_EQ(writer.written(), 14U);
  EXPECT_THAT(std::span(out).subspan(14), Each(0));
}

TEST(BundleWriter, RefusesAPacketTooLongForItsLengthField) {
  Bytes out(100'000);
  Bytes packet(65'536);
  BundleWriter writer(out);
  EXPECT_FALSE(writer.add({{}, {}, packet}));
  EXPECT_TRUE(writer.add({{}, {}, base::ByteSpan(packet).first(65'535)}));
}

TEST(ControlMessages, AreRefusedAtEveryShorterBodyAndTakenAtEveryLonger) {
  for (std::size_t size = 0; size < 60; ++size) {
    const Bytes body(size, 0);
    EXPECT_EQ(Probe::parse(body).has_value(), size >= 28) << size;
    EXPECT_EQ(Close::parse(body).has_value(), size >= 1) << size;
    const Bytes path(size, ' ');
    EXPECT_FALSE(PathAnnouncement::parse(path)) << "path 32, state 32";
    Bytes valid_path(size, ' ');
    std::fill_n(valid_path.begin(), std::min(size, PathAnnouncement::kMinSize), std::uint8_t{0});
    EXPECT_EQ(PathAnnouncement::parse(valid_path).has_value(), size >= 17) << size;
  }
}

TEST(Probe, IgnoresReservedBits) {
  Bytes body(Probe::kSize, 0);
  body[0] = 0xFC;
  body[1] = 0xFF;
  const auto probe = Probe::parse(body);
  ASSERT_TRUE(probe);
  EXPECT_FALSE(probe->wants_reply);
  EXPECT_FALSE(probe->has_echo);
}

TEST(PathAnnouncement, RefusesStatesThatItDoesNotKnow) {
  for (unsigned state = 0; state < 256; ++state) {
    Bytes body(PathAnnouncement::kMinSize, 0);
    body[1] = static_cast<std::uint8_t>(state);
    EXPECT_EQ(PathAnnouncement::parse(body).has_value(), state <= 2) << state;
  }
}

TEST(PathAnnouncement, RefusesANameThatIsTooLongOrCutOff) {
  for (const std::uint8_t told : {std::uint8_t{5}, std::uint8_t{32}}) {
    Bytes body(PathAnnouncement::kMinSize, 0);
    body[16] = told;
    body.resize(body.size() + 4, 'a');
    EXPECT_FALSE(PathAnnouncement::parse(body)) << unsigned{told};
    body.resize(body.size() + 60, 'a');
    EXPECT_EQ(PathAnnouncement::parse(body).has_value(), told == 5) << unsigned{told};
  }
}

std::string name_after_round_trip(std::string_view name) {
  Bytes frame(100);
  ControlWriter writer(frame);
  PathAnnouncement path;
  path.name = name;
  writer.add(path);
  EXPECT_TRUE(writer.ok());
  ControlReader reader(base::ConstByteSpan(frame).first(writer.written()));
  return std::string(PathAnnouncement::parse(reader.next().value().body).value().name);
}

TEST(PathAnnouncement, CutsLongNamesBetweenCharacters) {
  EXPECT_EQ(name_after_round_trip(std::string(31, 'a')), std::string(31, 'a'));
  EXPECT_EQ(name_after_round_trip(std::string(32, 'a')), std::string(31, 'a'));
  EXPECT_EQ(name_after_round_trip(std::string(29, 'a') + "\u20AC"), std::string(29, 'a'));
  EXPECT_EQ(name_after_round_trip(std::string(28, 'a') + "\u20ACa"), std::string(28, 'a') + "\u20AC");
}

TEST(Close, ReadsAReasonOfALaterVersionAsAShutdown) {
  EXPECT_EQ(Close::parse(Bytes{1})->reason, CloseReason::kTunnelChanged);
  EXPECT_EQ(Close::parse(Bytes{2})->reason, CloseReason::kShutdown);
}

TEST(ControlReader, NeverEndsCleanlyInsideAMessage) {
  Bytes whole(64);
  ControlWriter writer(whole);
  writer.add(Probe{});
  writer.add(Close{});
  writer.pad_to(whole.size());
  ASSERT_EQ(writer.written(), 64U);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    ControlReader reader(cut);
    while (reader.next()) continue;
    const bool is_boundary = size == 32 || size == 36 || size == 64;
    EXPECT_EQ(reader.ok(), is_boundary) << size;
  }
}

TEST(ControlReader, RefusesOtherKinds) {
  const Bytes frame = {1, 3, 0, 1, 0};
  ControlReader reader(frame);
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.ok());
}

TEST(ControlWriter, PadsToTheSizeAskedFor) {
  for (std::size_t size = 0; size <= 300; ++size) {
    Bytes frame(300, 0xEE);
    ControlWriter writer(frame);
    writer.add(Close{});
    writer.pad_to(size);
    EXPECT_TRUE(writer.ok());
    EXPECT_EQ(writer.written(), size >= 5 + 3 ? size : 5U) << size;
  }
}

TEST(ControlWriter, IsNotOkOnceSomethingDidNotFit) {
  Bytes frame(31);
  ControlWriter writer(frame);
  writer.add(Probe{});
  EXPECT_FALSE(writer.ok());
  writer.add(Close{});
  EXPECT_FALSE(writer.ok());
}

}  // namespace
}  // namespace sennit::wire
