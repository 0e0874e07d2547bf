#include "outbound/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "base/rng.hpp"

namespace sennit::outbound {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kNow{std::chrono::hours(1)};
constexpr base::Bytes kFull{1400};
constexpr base::FlowBucket kSomeFlow{9};
constexpr Mode kModes[] = {Mode::kAggregate, Mode::kFlow, Mode::kRedundant, Mode::kFailover};

// Paths that are up, numbered from zero.
class PathTable {
 public:
  link::Path& add() {
    auto& path = *owned_.emplace_back(
        std::make_unique<link::Path>(base::PathId{static_cast<std::uint8_t>(owned_.size())}));
    path.attach({base::SocketId{path.id.value}, {}, *base::SocketAddress::parse("192.0.2.1:6000")});
    path.mark_reachable();
    all_.push_back(&path);
    return path;
  }
  // A path with this one-way delay, paced at this rate (zero: not at all).
  link::Path& add(base::Duration delay, std::uint64_t rate = 0) {
    auto& path = add();
    path.way_out.add(delay, kNow);
    path.pacer.set_rate({rate});
    return path;
  }
  std::span<link::Path* const> all() const { return all_; }
  link::Path& operator[](std::size_t i) { return *all_[i]; }

 private:
  std::vector<std::unique_ptr<link::Path>> owned_;
  std::vector<link::Path*> all_;
};

// The path's capacity is what was told, and for half a second so much was sent and arrived.
void saturate(link::Path& path, std::uint64_t rate) {
  path.capacity.tell({rate});
  constexpr auto kStep = 25ms;
  for (auto at = kNow - 500ms; at < kNow; at += kStep) {
    link::Delivery delivery;
    delivery.sent_at = at;
    delivery.send_span = delivery.span = kStep;
    delivery.sent = delivery.delivered = {rate / 8 / 40};
    delivery.datagrams_sent = 20;
    delivery.rtt = 20ms;
    delivery.was_limited = true;
    path.capacity.add(delivery, at);
  }
  path.pacer.set_rate({rate});
}

using Choice = std::span<link::Path* const>;

// What the scheduler chooses for a packet of a flow that sends much, with the paths as they are now.
Choice choose(Scheduler& scheduler, Choice paths, base::FlowBucket bucket, base::Bytes size,
              Pace pace = Pace::kBulk) {
  scheduler.survey(paths);
  scheduler.note_sent(bucket, {100'000}, kNow);
  return scheduler.choose(bucket, size, pace, kNow);
}

std::vector<int> ids(Choice choice) {
  std::vector<int> result;
  for (const auto* path : choice) result.push_back(path->id.value);
  return result;
}

using Ids = std::vector<int>;

// The one path for a packet in mode aggregate, chosen by a scheduler without a past; -1: none.
int chosen(const PathTable& table, Pace pace = Pace::kBulk, base::Bytes size = kFull) {
  Scheduler scheduler(Mode::kAggregate);
  const auto choice = ids(choose(scheduler, table.all(), kSomeFlow, size, pace));
  return choice.size() == 1 ? choice.front() : -1;
}

TEST(Scheduler, SendsWhereThePacketArrivesFirst) {
  struct Line {
    base::Duration delay;
    std::uint64_t rate = 0;
    std::uint64_t committed = 0;  // bytes that wait for it
    base::Duration queue{};       // and in front of it
  };
  struct Case {
    const char* what;
    std::vector<Line> lines;
    int expected;
  };
  const std::vector<Case> cases = {
      {"the quicker one", {{10ms}, {30ms}}, 0},
      {"wherever it stands", {{30ms}, {10ms}}, 1},
      {"of three", {{30ms}, {20ms}, {10ms}}, 2},
      {"11 ms on the wire count", {{10ms, 1'000'000}, {15ms, 100'000'000}}, 1},
      {"24 ms of committed packets count", {{10ms, 10'000'000, 30'000}, {20ms, 10'000'000}}, 1},
      {"8 ms of committed packets do not outweigh 20", {{10ms, 10'000'000, 10'000}, {30ms, 10'000'000}}, 0},
      {"the queue in front of it counts", {{10ms, 0, 0, 25ms}, {20ms}}, 1},
      {"clocks may differ: delays are only compared", {{-30s}, {-29s}}, 0},
  };
  for (const auto& [what, lines, expected] : cases) {
    PathTable table;
    for (const auto& line : lines) {
      auto& path = table.add(line.delay, line.rate);
      if (line.queue > 0ms) path.way_out.add(line.delay + line.queue, kNow);
      path.committed = {line.committed};
    }
    EXPECT_EQ(chosen(table), expected) << what;
  }
}

TEST(Scheduler, GoesByRoundTripsUntilEveryOneWayDelayIsKnown) {
  PathTable table;
  table.add(5ms).rtt.add(100ms, kNow);
  table.add().rtt.add(20ms, kNow);
  EXPECT_EQ(chosen(table), 1);
  table[1].way_out.add(10ms, kNow);
  EXPECT_EQ(chosen(table), 0);
}

TEST(Scheduler, LetsSparsePacketsOvertakeWhatWaits) {
  PathTable table;
  table.add(10ms, 10'000'000).committed = {60'000};
  table.add(30ms, 10'000'000);
  EXPECT_EQ(chosen(table, Pace::kSparse), 0);
  EXPECT_EQ(chosen(table, Pace::kBulk), 1);
}

TEST(Scheduler, StaysOnAPathThatIsAsQuickAsTheOther) {
  PathTable table;
  table.add(10ms);
  table.add(10ms);
  Scheduler scheduler(Mode::kAggregate);
  const auto first = ids(choose(scheduler, table.all(), kSomeFlow, kFull));
  for (int i = 1; i < 20; ++i) {
    table[0].way_out.add(10ms + std::chrono::microseconds(i % 3 * 50), kNow);
    table[1].way_out.add(10ms + std::chrono::microseconds((i + 1) % 3 * 50), kNow);
    EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), first) << i;
  }
}

TEST(Scheduler, LeavesOutAPathBeyondItsHorizonHoweverMuchWaits) {
  for (const bool is_beyond : {false, true}) {
    PathTable table;
    table.add(10ms, 10'000'000);
    table.add(10ms + Scheduler::kHorizon + (is_beyond ? 20ms : -20ms), 10'000'000);
    table[0].committed = {1'000'000};
    EXPECT_EQ(chosen(table), is_beyond ? 0 : 1);
  }
}

TEST(Scheduler, SpreadsWithoutDelayOnceTheQuickestPathIsSaturated) {
  struct Case {
    bool is_saturated;
    std::uint32_t committed;  // bytes at 10 Mbit/s
    int expected;
  };
  for (const auto& [is_saturated, committed, expected] :
       {Case{false, 10'000, 0}, Case{true, 10'000, 1}, Case{true, 500, 1}, Case{true, 0, 0}}) {
    PathTable table;
    table.add(10ms, 10'000'000);
    table.add(100ms, 10'000'000);
    if (is_saturated) saturate(table[0], 10'000'000);
    table[0].committed = {committed};
    EXPECT_EQ(chosen(table), expected) << committed << (is_saturated ? ", saturated" : "");
  }
}

// A saturated path of 10 ms with something waiting for it, and a free one of 40 ms.
PathTable full_and_free() {
  PathTable table;
  table.add(10ms, 10'000'000);
  table.add(40ms, 10'000'000);
  saturate(table[0], 10'000'000);
  table[0].committed = {5000};
  return table;
}

// Where packets of one flow go.
class OneFlow {
 public:
  explicit OneFlow(const PathTable& table) { scheduler_.survey(table.all()); }
  int send(base::Instant now, base::Bytes size = kFull) {
    scheduler_.note_sent(kSomeFlow, size, now);
    return ids(scheduler_.choose(kSomeFlow, size, Pace::kBulk, now)).front();
  }
  // One a millisecond.
  Ids send_many(base::Instant from, int times) {
    Ids result;
    for (int i = 0; i < times; ++i) result.push_back(send(from + i * 1ms));
    return result;
  }

 private:
  Scheduler scheduler_{Mode::kAggregate};
};

TEST(Scheduler, SendsAFlowThatSendsLittleOnTheQuickestPathThoughOthersWaitForIt) {
  const auto table = full_and_free();
  OneFlow flow(table);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(flow.send(kNow + i * 20ms, {1000}), 0) << i;
  EXPECT_EQ(flow.send_many(kNow + 400ms, 4), (Ids{0, 0, 1, 1})) << "it sends much now";
}

TEST(Scheduler, TakesNoFlowOfWhichMoreWaitsForOneThatSendsLittle) {
  const auto table = full_and_free();
  Scheduler scheduler(Mode::kAggregate);
  scheduler.survey(table.all());
  const auto now_chosen = [&](Pace pace) { return ids(scheduler.choose(kSomeFlow, kFull, pace, kNow)); };
  EXPECT_EQ(now_chosen(Pace::kBulk), Ids{0});
  EXPECT_EQ(now_chosen(Pace::kBacklogged), Ids{1});
}

TEST(Scheduler, KeepsAFlowThatWasSpreadAndRunsThinOnTheSlowerPathForAMoment) {
  auto table = full_and_free();
  OneFlow flow(table);
  const auto many = flow.send_many(kNow, 100);
  EXPECT_EQ(std::ranges::count(many, 1), 98);
  table[0].committed = {};
  EXPECT_EQ(flow.send(kNow + 100ms), 0) << "as much as before";
  EXPECT_EQ(flow.send_many(kNow + 200ms, 3), (Ids{1, 1, 1})) << "three packets of forty";
  EXPECT_EQ(flow.send_many(kNow + 203ms, 3), (Ids{0, 0, 0})) << "a tenth, and more";
  table[1].committed = {1000};
  EXPECT_EQ(flow.send(kNow + 300ms), 0) << "it waits for nobody";
  table[1].committed = {};
  EXPECT_EQ(flow.send(kNow + 700ms), 1);
  EXPECT_EQ(flow.send(kNow + 800ms), 0) << "that is long ago";
}

TEST(Scheduler, KeepsAThinFlowOnADearerPathOnlyWhileTheCheaperIsFull) {
  for (const std::uint32_t cost : {0U, 3U}) {
    auto table = full_and_free();
    table[1].cost = cost;
    OneFlow flow(table);
    const auto many = flow.send_many(kNow, 700);
    EXPECT_EQ(std::ranges::count(many, 1), 698);
    table[0].committed = {};
    EXPECT_EQ(flow.send(kNow + 750ms), 1);
    EXPECT_EQ(flow.send(kNow + 900ms), cost == 0 ? 1 : 0) << "no longer full";
  }
}

TEST(Scheduler, ForgetsThatAFlowWasSpreadOverAPathThatIsGone) {
  auto table = full_and_free();
  table.add(20ms, 10'000'000).committed = {50'000};
  Scheduler scheduler(Mode::kAggregate);
  scheduler.survey(table.all());
  for (int i = 0; i < 40; ++i) {
    scheduler.note_sent(kSomeFlow, kFull, kNow + i * 1ms);
    scheduler.choose(kSomeFlow, kFull, Pace::kBulk, kNow + i * 1ms);
  }
  table[1].mark_unreachable();
  scheduler.survey(table.all());
  scheduler.note_sent(kSomeFlow, kFull, kNow + 200ms);
  EXPECT_EQ(ids(scheduler.choose(kSomeFlow, kFull, Pace::kBulk, kNow + 200ms)), Ids{0});
}

TEST(Scheduler, KeepsADearPathForWhatCheaperOnesCannotCarry) {
  struct Case {
    const char* what;
    bool is_cheap_saturated;
    std::uint64_t committed;
    int expected;
  };
  for (const auto& [what, is_cheap_saturated, committed, expected] : {
           Case{"the cheap one has something to give", false, 0, 0},
           Case{"it is not known to be full, though packets wait", false, 100'000, 0},
           Case{"it is full", true, 100'000, 1},
       }) {
    PathTable table;
    table.add(40ms, 10'000'000).committed = {committed};
    table.add(5ms, 50'000'000).cost = 3;
    if (is_cheap_saturated) saturate(table[0], 10'000'000);
    EXPECT_EQ(chosen(table), expected) << what;
  }
}

TEST(Scheduler, AvoidsASuspectAsLongAsThereIsAnother) {
  for (const auto mode : {Mode::kAggregate, Mode::kFlow, Mode::kFailover}) {
    PathTable table;
    table.add(1ms).is_suspect = true;
    table.add(50ms).cost = 7;
    Scheduler scheduler(mode);
    for (std::uint16_t flow = 0; flow < 64; ++flow)
      ASSERT_EQ(ids(choose(scheduler, table.all(), {flow}, kFull)), Ids{1});
    table[1].is_suspect = true;
    EXPECT_EQ(choose(scheduler, table.all(), kSomeFlow, kFull).size(), 1U)
        << "all are suspect: better than none";
  }
}

TEST(Scheduler, SendsOnSuspectsTooInRedundantMode) {
  PathTable table;
  table.add().is_suspect = true;
  table.add();
  Scheduler scheduler(Mode::kRedundant);
  EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), (Ids{0, 1}));
}

TEST(Scheduler, GivesAPathThatHasNotReportedNoMoreThanItsAllowance) {
  PathTable table;
  table.add(10ms, 10'000'000).committed = {60'000};  // 48 ms
  auto& open = table.add(20ms);
  EXPECT_EQ(chosen(table), 1);
  open.unreported = open.allowance + base::Bytes{1};
  EXPECT_EQ(chosen(table), 0);
  Scheduler scheduler(Mode::kAggregate);
  scheduler.survey(table.all());
  EXPECT_FALSE(scheduler.has_room(open, kNow));
}

// Paths to which a queue that never ends is given as the peer does it, packet by packet as there is room.
struct Filled {
  std::vector<double> rates;       // bits/s sent, by path
  base::Duration longest_backlog;  // that was given to a path ahead of its time
};

Filled fill(PathTable& table, base::Duration how_long) {
  Scheduler scheduler(Mode::kAggregate);
  constexpr auto kStep = 200us;
  std::vector<double> bits(table.all().size());
  Filled filled{{}, 0ms};
  for (auto now = kNow; now < kNow + how_long; now += kStep) {
    scheduler.survey(table.all());
    for (;;) {
      auto* path = scheduler.next_path(kFull, Pace::kBulk, now);
      if (path == nullptr || !scheduler.has_room(*path, now)) break;
      path->committed += kFull;
    }
    for (auto* path : table.all()) {
      while (path->committed.value > 0 && path->pacer.is_open(now)) {
        path->committed.value -= kFull.value;
        path->pacer.note_sent(kFull, now);
        bits[path->id.value] += 8.0 * static_cast<double>(kFull.value);
      }
      filled.longest_backlog = std::max(filled.longest_backlog, path->pacer.time_for(path->committed));
    }
  }
  for (const double sent : bits) filled.rates.push_back(sent / base::to_seconds(how_long));
  return filled;
}

TEST(Scheduler, FillsEveryPathWithinThreePercentOfItsRateWhenThereIsEnough) {
  struct Line {
    base::Duration delay;
    std::uint64_t rate;
  };
  const std::vector<std::vector<Line>> cases = {
      {{10ms, 10'000'000}, {10ms, 10'000'000}}, {{10ms, 10'000'000}, {30ms, 30'000'000}},
      {{30ms, 10'000'000}, {10ms, 30'000'000}}, {{10ms, 8'000'000}, {20ms, 20'000'000}, {80ms, 3'000'000}},
      {{5ms, 50'000'000}, {60ms, 2'000'000}},
  };
  for (const bool is_saturated : {false, true}) {
    for (const auto& lines : cases) {
      PathTable table;
      for (const auto& line : lines) table.add(line.delay, line.rate);
      if (is_saturated)
        for (std::size_t i = 0; i < lines.size(); ++i) saturate(table[i], lines[i].rate);
      const auto filled = fill(table, is_saturated ? 700ms : 4s);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto rate = static_cast<double>(lines[i].rate);
        EXPECT_NEAR(filled.rates[i], rate, 0.03 * rate + 8.0 * 1400 / 0.7 * is_saturated)
            << lines.size() << " paths, path " << i << (is_saturated ? ", saturated" : "");
      }
      EXPECT_LT(filled.longest_backlog, Scheduler::kHorizon);
    }
  }
}

TEST(Scheduler, ChoosesAUsablePathOfSufficientSizeWheneverItSaysThereIsOne) {
  base::Rng rng(3);
  PathTable table;
  for (int i = 0; i < 6; ++i) {
    auto& path = table.add(std::chrono::milliseconds(rng.below(400)), rng.below(3) * 5'000'000);
    path.cost = static_cast<std::uint32_t>(rng.below(3));
    if (i == 5) path.use = link::PathUse::kBackup;
  }
  for (const auto mode : kModes) {
    Scheduler scheduler(mode);
    for (int i = 0; i < 5000; ++i) {
      auto& path = table[rng.below(6)];
      if (rng.below(2) == 0)
        path.mark_reachable();
      else
        path.mark_unreachable();
      path.is_suspect = rng.below(4) == 0;
      path.mtu = {static_cast<std::uint16_t>(1280 + rng.below(300))};
      const base::Bytes size{40 + rng.below(1500)};
      const base::FlowBucket bucket{static_cast<std::uint16_t>(rng.below(1024))};
      const auto pace = rng.below(2) == 0 ? Pace::kSparse : Pace::kBulk;
      const auto choice = choose(scheduler, table.all(), bucket, size, pace);
      ASSERT_EQ(scheduler.has_usable(),
                std::ranges::any_of(table.all(), [](const auto* p) { return p->is_usable(); }));
      ASSERT_EQ(choice.empty(), scheduler.largest_in_use() < size) << "mode " << static_cast<int>(mode);
      for (const auto* one : choice) {
        ASSERT_TRUE(one->is_usable());
        ASSERT_GE(largest_inner(*one), size);
      }
    }
  }
}

// Otherwise what waits would wait for ever.
TEST(Scheduler, HasAPathForTheLargestPacketThatItSaysFits) {
  struct Case {
    const char* what;
    std::uint32_t cost;
    base::Duration delay;
  };
  for (const auto& [what, cost, delay] : {Case{"the larger path is dearer", 1, 20ms},
                                          Case{"the larger path is beyond the horizon", 0, 600ms}}) {
    PathTable table;
    table.add(20ms).mtu = {1400};
    auto& larger = table.add(delay);
    larger.mtu = {1500};
    larger.cost = cost;
    Scheduler scheduler(Mode::kAggregate);
    scheduler.survey(table.all());
    EXPECT_FALSE(scheduler.choose({}, scheduler.largest_in_use(), Pace::kBulk, kNow).empty()) << what;
  }
}

TEST(Scheduler, HasAPathWhileTheOnlyRegularOneIsSuspectAndABackupIsUp) {
  for (const auto mode : kModes) {
    PathTable table;
    table.add(10ms).is_suspect = true;
    table.add(10ms).use = link::PathUse::kBackup;
    Scheduler scheduler(mode);
    EXPECT_FALSE(choose(scheduler, table.all(), kSomeFlow, kFull).empty());
    EXPECT_TRUE(scheduler.has_usable());
  }
}

TEST(Scheduler, WaitsForAPathOfWhichNothingIsKnownYetWhileThereIsAnother) {
  for (const auto mode : {Mode::kAggregate, Mode::kFlow, Mode::kFailover}) {
    PathTable table;
    table.add();
    table.add(300ms);
    Scheduler scheduler(mode);
    for (const auto pace : {Pace::kSparse, Pace::kBulk})
      EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull, pace)), Ids{1});
    table[1].mark_unreachable();
    EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{0});
  }
}

TEST(Scheduler, ChoosesNothingWhereNothingIsUp) {
  PathTable table;
  table.add().mark_unreachable();
  for (const auto mode : kModes) {
    Scheduler scheduler(mode);
    EXPECT_TRUE(choose(scheduler, table.all(), kSomeFlow, kFull).empty());
    EXPECT_TRUE(choose(scheduler, {}, kSomeFlow, kFull).empty());
    EXPECT_FALSE(scheduler.has_usable());
  }
}

TEST(Scheduler, HoldsABackupPathInReserveUntilNoOtherIsUp) {
  PathTable table;
  table.add();
  table.add().use = link::PathUse::kBackup;
  for (const auto mode : {Mode::kAggregate, Mode::kFlow, Mode::kFailover}) {
    table[0].mark_reachable();
    Scheduler scheduler(mode);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{0});
    table[0].mark_unreachable();
    EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{1});
  }
}

TEST(Scheduler, UsesOnlyTheCheapestOfTheBackupsThatAreUp) {
  PathTable table;
  for (const auto cost : {7U, 1U, 1U}) {
    auto& path = table.add(10ms, 1'000'000);
    path.use = link::PathUse::kBackup;
    path.cost = cost;
  }
  for (auto i : {1U, 2U}) saturate(table[i], 1'000'000);
  for (const auto mode : {Mode::kAggregate, Mode::kFlow, Mode::kFailover}) {
    Scheduler scheduler(mode);
    for (std::uint16_t flow = 0; flow < 100; ++flow)
      ASSERT_NE(ids(choose(scheduler, table.all(), {flow}, kFull)), Ids{0}) << "the dearer one is spared";
    for (auto i : {1U, 2U}) table[i].mark_unreachable();
    EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{0});
    for (auto i : {1U, 2U}) table[i].mark_reachable();
  }
}

TEST(Scheduler, SendsOnEveryPathInRedundantMode) {
  PathTable table;
  table.add();
  table.add();
  table.add().mark_unreachable();
  Scheduler redundant(Mode::kRedundant);
  EXPECT_EQ(ids(choose(redundant, table.all(), kSomeFlow, kFull)), (Ids{0, 1}));
}

TEST(Scheduler, FailsOverByCostAndThenByOrder) {
  PathTable table;
  table.add().cost = 5;
  table.add().cost = 1;
  table.add().cost = 1;
  Scheduler scheduler(Mode::kFailover);
  EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{1});
  table[1].mark_unreachable();
  EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{2});
  table[2].mark_unreachable();
  EXPECT_EQ(ids(choose(scheduler, table.all(), kSomeFlow, kFull)), Ids{0});
}

TEST(Scheduler, KeepsAFlowOnItsPathAndMovesOnlyTheFlowsOfAPathThatGoes) {
  PathTable table;
  for (int i = 0; i < 4; ++i) table.add();
  Scheduler scheduler(Mode::kFlow);
  std::map<std::uint16_t, int> home;
  for (std::uint16_t flow = 0; flow < 1024; ++flow) {
    home[flow] = ids(choose(scheduler, table.all(), {flow}, kFull)).front();
    EXPECT_EQ(ids(choose(scheduler, table.all(), {flow}, kFull)).front(), home[flow]);
  }
  table[2].mark_unreachable();
  for (const auto& [flow, path] : home) {
    const int now = ids(choose(scheduler, table.all(), {flow}, kFull)).front();
    EXPECT_NE(now, 2);
    EXPECT_TRUE(path == 2 || now == path) << "flow " << flow;
  }
}

// 1,024 flows over n paths: binomial, deviation below 16; five of them are allowed.
TEST(Scheduler, SpreadsFlowsEvenlyInFlowMode) {
  for (const int paths : {2, 3, 4, 7}) {
    PathTable table;
    for (int i = 0; i < paths; ++i) table.add();
    Scheduler scheduler(Mode::kFlow);
    std::vector<int> counts(static_cast<std::size_t>(paths));
    for (std::uint16_t flow = 0; flow < 1024; ++flow) {
      ++counts[static_cast<std::size_t>(ids(choose(scheduler, table.all(), {flow}, kFull)).front())];
    }
    for (const int count : counts) EXPECT_NEAR(count, 1024.0 / paths, 80) << paths << " paths";
  }
}

TEST(LargestInner, LeavesOutTheOuterHeadersOfTheFamily) {
  link::Path path(base::PathId{0});
  path.attach({base::SocketId{1}, {}, *base::SocketAddress::parse("192.0.2.1:6000")});
  EXPECT_EQ(largest_inner(path), base::Bytes{1440});
  path.attach({base::SocketId{1}, {}, *base::SocketAddress::parse("[2001:db8::1]:6000")});
  EXPECT_EQ(largest_inner(path), base::Bytes{1420});
  path.mtu = {60};
  EXPECT_EQ(largest_inner(path), base::Bytes{0});
}

}  // namespace
}  // namespace sennit::outbound
