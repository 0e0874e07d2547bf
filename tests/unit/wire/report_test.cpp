#include "wire/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/rng.hpp"

namespace sennit::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes written(const Report& report) {
  Bytes body(report.size());
  Writer writer(body);
  report.serialize(writer);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(writer.written(), report.size());
  return body;
}

template <class Integer>
Integer any(base::Rng& rng) {
  return static_cast<Integer>(rng());
}

Report random_report(base::Rng& rng) {
  Report report;
  report.path.value = static_cast<std::uint8_t>(rng.below(base::kMaxPaths));
  for (auto* field :
       {&report.highest, &report.arrived_at, &report.hold, &report.received, &report.received_bytes})
    *field = any<std::uint32_t>(rng);
  for (auto left = rng.below(Report::kMaxMarks + 1); left > 0; --left)
    EXPECT_TRUE(report.add(ArrivalMark{any<std::uint16_t>(rng), any<std::uint16_t>(rng)}));
  for (auto left = rng.below(Report::kMaxMissing + 1); left > 0; --left)
    EXPECT_TRUE(report.add(MissingRun{any<std::uint16_t>(rng), any<std::uint8_t>(rng)}));
  return report;
}

TEST(Report, ComesBackAsItWasWritten) {
  base::Rng rng(1);
  for (int i = 0; i < 1000; ++i) {
    const auto report = random_report(rng);
    EXPECT_EQ(Report::parse(written(report)), report);
  }
}

TEST(Report, IsRefusedAtEveryShorterLengthAndTakenAtEveryLonger) {
  base::Rng rng(2);
  for (int i = 0; i < 50; ++i) {
    const auto report = random_report(rng);
    auto body = written(report);
    for (std::size_t size = 0; size < body.size(); ++size)
      ASSERT_FALSE(Report::parse(base::ConstByteSpan(body).first(size))) << size << " of " << body.size();
    body.resize(body.size() + 7, 0xEE);
    EXPECT_EQ(Report::parse(body), report) << "what a later version adds is ignored";
  }
}

TEST(Report, IsRefusedWithMoreMarksOrRunsThanItMayHold) {
  for (unsigned count = 0; count < 256; ++count) {
    Bytes body(Report::kMinSize + 256 * 4);
    body[1] = static_cast<std::uint8_t>(count);
    EXPECT_EQ(Report::parse(body).has_value(), count <= Report::kMaxMarks) << count;
    body[1] = 0;
    body[2] = static_cast<std::uint8_t>(count);
    EXPECT_EQ(Report::parse(body).has_value(), count <= Report::kMaxMissing) << count;
  }
}

TEST(Report, IsRefusedForAPathThatCannotBe) {
  for (unsigned path = 0; path < 256; ++path) {
    Bytes body(Report::kMinSize);
    body[0] = static_cast<std::uint8_t>(path);
    EXPECT_EQ(Report::parse(body).has_value(), path < base::kMaxPaths) << path;
  }
}

TEST(Report, TakesNoMoreThanItHasRoomFor) {
  Report report;
  for (std::size_t i = 0; i < Report::kMaxMarks; ++i) EXPECT_TRUE(report.add(ArrivalMark{}));
  for (std::size_t i = 0; i < Report::kMaxMissing; ++i) EXPECT_TRUE(report.add(MissingRun{}));
  EXPECT_FALSE(report.add(ArrivalMark{1, 1}));
  EXPECT_FALSE(report.add(MissingRun{1, 1}));
  EXPECT_THAT(report.marks(), testing::Each(ArrivalMark{}));
  EXPECT_THAT(report.missing(), testing::Each(MissingRun{}));
  EXPECT_EQ(written(report).size(), Report::kMinSize + 4 * Report::kMaxMarks + 3 * Report::kMaxMissing);
}

TEST(Report, WritesZeroWhereBytesAreReservedAndIgnoresWhatIsThere) {
  auto body = written(Report{});
  EXPECT_EQ(body[3], 0);
  body[3] = 0xFF;
  EXPECT_EQ(Report::parse(body), Report{});
}

}  // namespace
}  // namespace sennit::wire
