#include "tunnel/impaired_links.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace sennit::tunnel {
namespace {

using namespace std::chrono_literals;
using device::Direction;

constexpr base::LinkId kLink{0};
constexpr base::SocketId kImpaired{1};
constexpr base::SocketId kOther{2};

base::Route route_of(base::SocketId socket) {
  return {socket, {}, {*base::IpAddress::parse("203.0.113.1"), 6000}};
}

impair::Settings delay_of(base::Duration delay) {
  impair::Settings settings;
  settings.delay.delay = delay;
  return settings;
}

class Links : public testing::Test {
 protected:
  Links() {
    std::iota(bytes_.begin(), bytes_.end(), std::uint8_t{0});
    links_.attach(kLink, {{{kImpaired, std::nullopt}}, {}});
  }
  base::Instant at(base::Duration time) const { return base::Instant(1h) + time; }
  base::Transmit run(base::SocketId socket, std::size_t segment_size) const {
    return {route_of(socket), bytes_, segment_size};
  }
  std::size_t passed(base::Duration time) {
    std::size_t datagrams = 0;
    for (const auto& transmit : links_.pass({}, at(time)))
      datagrams += (transmit.bytes.size() + transmit.segment_size - 1) / transmit.segment_size;
    return datagrams;
  }

  std::array<std::uint8_t, 250> bytes_{};
  base::DropCounters drops_;
  ImpairedLinks links_{1, drops_};
};

TEST_F(Links, PassEverythingUntouchedWhileNoneIsImpaired) {
  const std::vector runs{run(kImpaired, 100), run(kOther, 100)};
  const auto passed = links_.pass(runs, at(0s));
  EXPECT_EQ(passed.data(), runs.data());
  EXPECT_TRUE(links_.is_idle());
  EXPECT_EQ(links_.next_wakeup(), base::kNever);
}

TEST_F(Links, CutTheRunsOfAnImpairedLinkAndNoOthers) {
  links_.impair(kLink, Direction::kUp, delay_of(10ms), at(0s));
  const std::vector runs{run(kImpaired, 100), run(kOther, 100)};
  const auto passed_now = links_.pass(runs, at(0s));
  ASSERT_EQ(passed_now.size(), 1U);
  EXPECT_EQ(passed_now.front().bytes.data(), bytes_.data());
  EXPECT_EQ(passed(9ms), 0U);
  EXPECT_LE(links_.next_wakeup(), at(10ms));
  const auto late = links_.pass({}, at(10ms));
  std::vector<std::uint8_t> together;
  for (const auto& transmit : late) {
    EXPECT_EQ(transmit.route, route_of(kImpaired));
    together.insert(together.end(), transmit.bytes.begin(), transmit.bytes.end());
  }
  EXPECT_TRUE(std::ranges::equal(together, bytes_));
  EXPECT_EQ(links_.report().at(0).lanes[1]->achieved.delivered.packets(), 3U);
}

TEST_F(Links, CountTheOuterHeadersInTheRate) {
  auto settings = delay_of(0s);
  settings.rate.rate = {8000};  // a byte a millisecond
  links_.impair(kLink, Direction::kUp, settings, at(0s));
  const std::vector runs{run(kImpaired, 250)};
  EXPECT_TRUE(links_.pass(runs, at(0s)).empty());
  EXPECT_EQ(passed(277ms), 0U);
  EXPECT_EQ(passed(278ms), 1U);
}

TEST_F(Links, HoldWhatComesOverAnImpairedLinkAndSayHowLongItHadWaitedBefore) {
  links_.impair(kLink, Direction::kDown, delay_of(5ms), at(0s));
  const base::SocketAddress remote{*base::IpAddress::parse("203.0.113.1"), 6000};
  EXPECT_FALSE(links_.hold({kOther, {}, remote, bytes_, {}}, at(0s)));
  EXPECT_TRUE(links_.hold({kImpaired, {}, remote, bytes_, 3us}, at(0s)));
  EXPECT_FALSE(links_.release(at(4ms)));
  const auto released = links_.release(at(5ms));
  ASSERT_TRUE(released);
  EXPECT_EQ(released->socket, kImpaired);
  EXPECT_EQ(released->remote, remote);
  EXPECT_EQ(released->waited, 3us);
  EXPECT_TRUE(std::ranges::equal(released->bytes, bytes_));
  EXPECT_FALSE(links_.release(at(5ms)));
  links_.recycle();
}

TEST_F(Links, DropWhatTheOtherKernelWouldRefuseAsDamaged) {
  impair::Settings settings;
  settings.corrupt = {{{1}, {}}, {}};
  links_.impair(kLink, Direction::kUp, settings, at(0s));
  const std::vector runs{run(kImpaired, 100)};
  EXPECT_TRUE(links_.pass(runs, at(0s)).empty());
  EXPECT_EQ(drops_[base::DropReason::kImpairmentLoss], 3U);
  EXPECT_EQ(links_.report().at(0).lanes[1]->achieved.corrupted, 3U);
}

TEST_F(Links, ForgetALinkWhenTheLastOfItIsThrough) {
  links_.impair(kLink, Direction::kUp, delay_of(10ms), at(0s));
  const std::vector runs{run(kImpaired, 250)};
  EXPECT_TRUE(links_.pass(runs, at(0s)).empty());
  links_.impair(kLink, Direction::kUp, std::nullopt, at(1ms));
  EXPECT_FALSE(links_.is_idle());
  EXPECT_EQ(passed(10ms), 1U);
  EXPECT_TRUE(links_.is_idle());
}

}  // namespace
}  // namespace sennit::tunnel
