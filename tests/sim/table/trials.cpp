#include <cmath>

#include "sim/table/trial.hpp"

namespace sennit::sim {

namespace {

using namespace std::chrono_literals;

const Load kCubic{.name = "cubic", .transfer = TransferKind::kCubic};
const Load kBbr{.name = "bbr", .transfer = TransferKind::kBbr};
const Load kQuic{.name = "quic", .transfer = TransferKind::kQuic};
const Load kIdle{.name = "idle", .transfer = std::nullopt};
const Load kThird{.name = "third", .transfer = std::nullopt, .constant_share = 1.0 / 3};
const std::vector<Load> kAll{kCubic, kBbr, kQuic};
const std::vector<Direction> kDown{Direction::kDown};
const std::vector<Direction> kUp{Direction::kUp};
const std::vector<Direction> kBothWays{Direction::kDown, Direction::kUp};

constexpr base::BitRate mbit(double rate) {
  return {static_cast<std::uint64_t>(rate * 1e6)};
}

// A line as sold: rates both ways, round trip, the modem's buffer.
TrialLine line(double down, double up, base::Duration rtt, base::Duration queue = 200ms) {
  return {.spec = {.up = {.rate = mbit(up), .queue = queue, .delay = rtt / 2},
                   .down = {.rate = mbit(down), .queue = queue, .delay = rtt / 2}},
          .changes = {},
          .silences = {}};
}

TrialLine even(double rate, base::Duration rtt, base::Duration queue = 200ms) {
  return line(rate, rate, rtt, queue);
}

TrialLine with_loss(TrialLine line, double loss) {
  line.spec.up.loss = line.spec.down.loss = loss;
  return line;
}

TrialLine with_bursts(TrialLine line, const BurstLoss& loss) {
  line.spec.up.burst_loss = line.spec.down.burst_loss = loss;
  return line;
}

TrialLine with_silences(TrialLine line, std::vector<Silence> silences) {
  line.silences = std::move(silences);
  return line;
}

TrialLine radio(double mean, base::Duration rtt) {
  auto made = even(mean, rtt, 400ms);
  made.changes = [mean](base::Instant start, std::uint64_t seed) {
    return radio_steps({.mean = mbit(mean)}, start, 60s, base::Rng(seed));
  };
  return made;
}

TrialLine with_step(TrialLine line, base::Duration at, double rate) {
  line.changes = [at, rate](base::Instant start, std::uint64_t) {
    return std::vector<RateStep>{{start + at, mbit(rate)}};
  };
  return line;
}

TrialLine with_route(TrialLine line, base::Duration at, base::Duration delay) {
  line.routes.push_back({at, delay});
  return line;
}

TrialLine policed(double rate, base::Duration rtt) {
  auto made = even(0, rtt);
  made.spec.up.policer = made.spec.down.policer = {mbit(rate), {60'000}};
  return made;
}

void add_pairs(std::vector<Trial>& list) {
  for (const auto direction : {Direction::kDown, Direction::kUp}) {
    const std::string way = direction == Direction::kDown ? "-down" : "-up";
    list.push_back({.name = "pair-20+10" + way,
                    .lines = {even(20, 30ms), even(10, 80ms)},
                    .directions = {direction},
                    .loads = kAll,
                    .least_share = 0.96});
  }
  list.push_back({.name = "pair-100+30",
                  .lines = {even(100, 10ms, 60ms), even(30, 60ms)},
                  .loads = kAll,
                  .length = 8s,
                  .least_share = 0.95});
  list.push_back({.name = "pair-90+35",
                  .lines = {even(90, 8ms, 60ms), even(35, 60ms)},
                  .loads = kAll,
                  .length = 8s,
                  .least_share = 0.95});
  // BBR looks for its least round trip every ten seconds.
  list.push_back({.name = "pair-100+30-later",
                  .lines = {even(100, 10ms, 60ms), even(30, 60ms)},
                  .loads = {kBbr},
                  .warm_up = 12s,
                  .least_share = 0.95});
  list.push_back({.name = "pair-90+35-later",
                  .lines = {even(90, 8ms, 60ms), even(35, 60ms)},
                  .loads = {kBbr},
                  .warm_up = 12s,
                  .least_share = 0.95});
  list.push_back(
      {.name = "pair-5+10", .lines = {even(5, 20ms), even(10, 40ms)}, .loads = kAll, .least_share = 0.94});
  list.push_back(
      {.name = "pair-6+40", .lines = {even(6, 20ms), even(40, 50ms)}, .loads = kAll, .least_share = 0.94});
  list.push_back({.name = "adsl-pair-both-ways",
                  .lines = {line(8, 1, 30ms, 400ms), line(12, 1.3, 40ms, 400ms)},
                  .directions = kBothWays,
                  .loads = {kCubic, kBbr},
                  .least_share = 0.94});
  list.push_back({.name = "adsl-pair-deep-buffers",
                  .lines = {line(8, 1, 30ms, 1s), line(12, 1.3, 40ms, 1s)},
                  .directions = kUp,
                  .loads = {kCubic}});
  list.push_back({.name = "four-equal-links",
                  .lines = {even(10, 40ms), even(10, 40ms), even(10, 40ms), even(10, 40ms)},
                  .loads = kAll,
                  .least_share = 0.96});
}

void add_losses(std::vector<Trial>& list) {
  const std::pair<int, double> demands[]{{1, 0.95}, {2, 0.93}, {5, 0.88}};
  for (const auto& [percent, least_share] : demands) {
    list.push_back({.name = "second-link-loses-" + std::to_string(percent) + "%",
                    .lines = {even(20, 30ms), with_loss(even(10, 80ms), percent / 100.0)},
                    .loads = kAll,
                    .least_share = least_share});
  }
  list.push_back({.name = "wifi-bursts-of-loss",
                  .lines = {even(20, 30ms), with_bursts(even(20, 20ms), {.share = 0.02, .mean_length = 8})},
                  .loads = {kCubic, kBbr}});
  list.push_back(
      {.name = "fibre+lte", .lines = {even(40, 12ms, 100ms), radio(25, 50ms)}, .loads = kAll, .length = 20s});
}

void add_unlike_links(std::vector<Trial>& list) {
  list.push_back({.name = "satellite-beside-5ms",
                  .lines = {even(20, 5ms), even(20, 600ms, 600ms)},
                  .loads = {kCubic, kBbr},
                  .warm_up = 10s});
  list.push_back({.name = "1-beside-1000",
                  .lines = {even(1000, 10ms, 20ms), even(1, 40ms)},
                  .loads = {kCubic, kBbr},
                  .warm_up = 1500ms,
                  .length = 1s});
  list.push_back({.name = "bad-link-added",
                  .lines = {even(20, 30ms), with_loss(even(0.05, 700ms, 2s), 0.1)},
                  .loads = {kCubic, kBbr},
                  .least_share = 0.98});
}

void add_changes(std::vector<Trial>& list) {
  list.push_back({.name = "second-link-halves",
                  .lines = {even(20, 30ms), with_step(even(12, 40ms), 8s, 6)},
                  .loads = {kCubic, kBbr},
                  .looks = {7900ms, 11s}});
  list.push_back({.name = "second-link-doubles",
                  .lines = {even(20, 30ms), with_step(even(12, 40ms), 8s, 24)},
                  .loads = {kCubic, kBbr},
                  .looks = {7900ms, 11s}});
  for (const auto longer : {5ms, 20ms, 100ms})
    list.push_back({.name = "longer-route-under-load-" + std::to_string(longer.count()) + "ms",
                    .lines = {even(20, 30ms), with_route(even(12, 40ms), 6s, 20ms + longer)},
                    .loads = {kCubic, kBbr},
                    .looks = {7s, 9s}});
  const auto dying = with_silences(even(10, 40ms), {{6s, 12s}});
  list.push_back({.name = "link-dies",
                  .lines = {even(20, 30ms), dying},
                  .loads = {kCubic, kBbr},
                  .length = 6900ms,
                  .ping_interval = 10ms,
                  .longest_silence = 300ms});
  list.push_back({.name = "best-link-dies",
                  .lines = {with_silences(even(20, 30ms), {{6s, 12s}}), even(10, 80ms)},
                  .loads = {kCubic, kBbr},
                  .length = 6900ms,
                  .ping_interval = 10ms,
                  .longest_silence = 300ms});
  list.push_back({.name = "link-returned-3s-ago",
                  .lines = {even(20, 30ms), dying},
                  .loads = {kCubic, kBbr},
                  .warm_up = 15s,
                  .length = 8s});
  list.push_back(
      {.name = "silence-of-both-5s",
       .lines = {with_silences(even(20, 30ms), {{6s, 11s}}), with_silences(even(10, 80ms), {{6s, 11s}})},
       .loads = {kCubic, kBbr},
       .warm_up = 15s,
       .length = 8s});
}

// What the tunnel says of one link at rest, at a third of its capacity, and full.
void add_verdicts(std::vector<Trial>& list) {
  const std::vector<Load> loads{kIdle, kThird, kCubic, kBbr};
  const std::vector<base::Duration> looks{1s, 2s, 3s, 5s};
  list.push_back({.name = "verdict-deep-buffer-12",
                  .lines = {even(12, 30ms, 1s)},
                  .loads = loads,
                  .length = 10s,
                  .looks = looks});
  list.push_back({.name = "verdict-shallow-buffer-12",
                  .lines = {even(12, 30ms, 15ms)},
                  .loads = loads,
                  .length = 10s,
                  .looks = looks});
  list.push_back({.name = "verdict-policed-12",
                  .lines = {policed(12, 30ms)},
                  .loads = loads,
                  .length = 10s,
                  .looks = looks});
  list.push_back({.name = "verdict-lossy-radio-12",
                  .lines = {with_loss(even(12, 30ms), 0.02)},
                  .loads = loads,
                  .length = 10s,
                  .looks = looks});
  list.push_back({.name = "verdict-policed-pair",
                  .lines = {even(20, 30ms), policed(12, 40ms)},
                  .loads = {kCubic, kBbr}});
}

// Half an hour in which nothing is saturated, however the delays and the clocks change.
void add_false_alarms(std::vector<Trial>& list, std::uint64_t seed) {
  base::Rng rng(seed);
  auto wandering = even(2, 40ms);
  for (int i = 1; i < 24; ++i) {
    const auto delay = std::chrono::milliseconds(5 + rng.below(60));
    wandering.routes.push_back({i * 75s, delay});
  }
  list.push_back({.name = "half-hour-of-route-changes",
                  .lines = {wandering, even(2, 30ms)},
                  .loads = {kIdle, kThird},
                  .clocks = ClockTrouble{.offset = 3h, .parts_per_million = 80, .between_jumps = 5min},
                  .length = 30min - 5s,
                  .ping_interval = 500ms});
}

void add_cross_traffic(std::vector<Trial>& list) {
  const std::vector<TrialLine> lines{even(20, 30ms), even(10, 80ms)};
  list.push_back({.name = "cross-constant-8",
                  .lines = lines,
                  .loads = {kCubic, kBbr},
                  .cross = CrossTraffic{.constant = mbit(8), .transfer = std::nullopt}});
  list.push_back({.name = "cross-on-off-8",
                  .lines = lines,
                  .loads = {kCubic, kBbr},
                  .cross = CrossTraffic{.constant = mbit(8), .transfer = std::nullopt, .on = 3s}});
  list.push_back({.name = "cross-cubic",
                  .lines = lines,
                  .loads = {kCubic, kBbr},
                  .cross = CrossTraffic{.constant = {}, .transfer = TransferKind::kCubic}});
}

void add_random_links(std::vector<Trial>& list, std::uint64_t seed) {
  for (std::size_t count = 1; count <= 8; ++count) {
    base::Rng rng(seed * 1000 + count);
    Trial trial{.name = "random-links-" + std::to_string(count), .lines = {}, .loads = {kCubic}};
    for (std::size_t i = 0; i < count; ++i) {
      const double rate = std::pow(10.0, 1.5 * rng.uniform());  // 1 to 32 Mbit/s
      const auto rtt = std::chrono::milliseconds(5 + rng.below(145));
      const auto queue = std::chrono::milliseconds(30 + rng.below(470));
      const double loss = rng.uniform() < 0.5 ? 0 : 0.03 * rng.uniform();
      trial.lines.push_back(with_loss(even(rate, rtt, queue), loss));
    }
    list.push_back(trial);
    if (count == 1) continue;
    // CUBIC grows as the cube of time, BBR's first least round trip is that of the quickest line alone.
    trial.name += "-later";
    trial.loads = {kCubic, kBbr};
    trial.warm_up = 20s;
    list.push_back(std::move(trial));
  }
}

}  // namespace

std::vector<Trial> trials(std::uint64_t seed) {
  std::vector<Trial> list;
  add_pairs(list);
  add_losses(list);
  add_unlike_links(list);
  add_changes(list);
  add_verdicts(list);
  add_false_alarms(list, seed);
  add_cross_traffic(list);
  add_random_links(list, seed);
  return list;
}

}  // namespace sennit::sim
