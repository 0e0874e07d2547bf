#include "sim/table/stage.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <limits>
#include <sstream>

#include "sim/beside_tunnel.hpp"
#include "sim/table/verdict.hpp"

namespace sennit::sim {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration kSettle = 3s;
constexpr base::Duration kIdle = 2s;
constexpr base::Duration kLook = 100ms;
constexpr base::Duration kLastAnswers = 3s;
constexpr double kOuterOverhead = 60;  // IPv4, UDP, and what the tunnel adds to an inner packet
constexpr double kUsualShare = 1388.0 / 1500.0;
constexpr std::size_t kFlowPacket = 1440;

double megabits(base::BitRate rate) {
  return static_cast<double>(rate.bits_per_second) / 1e6;
}

// One way, in milliseconds.
double time_of_ping(const LinkConditions& conditions) {
  constexpr double kBits = 150 * 8;
  const double rate = static_cast<double>(conditions.rate.bits_per_second);
  return base::to_milliseconds(conditions.delay) + (rate > 0 ? kBits * 1000 / rate : 0);
}

class Stage {
 public:
  Stage(const Trial& trial, const Load& load, std::uint64_t seed);
  // Of both or one direction, without `alone`.
  std::vector<Row> perform();

 private:
  // What is measured of one direction.
  struct Way {
    Direction direction;
    Transfer* transfer = nullptr;
    Flow* flow = nullptr;
    std::deque<Percentiles> waits{};  // by line
    std::vector<LinkCounters> before{};
    SenderCounters sender_before{};
    VerdictLog verdicts{};
    std::deque<BesideTunnel> beside{};
    std::deque<Transfer> cross_transfer{};
    std::deque<Flow> cross_flow{};
  };

  VirtualLink& link(std::size_t line, Direction direction);
  Host& sender(Direction direction) { return direction == Direction::kDown ? scenario_.gateway : *client_; }
  void shape_lines();
  void jump(base::Duration by);
  void start_load(Way& way);
  void start_cross_traffic(Way& way);
  void toggle(Flow& flow, base::Duration every, bool is_on);
  void begin_measuring(Way& way);
  void watch();
  // Mbit/s that all lines carried together could bring in this direction, while it was measured.
  double capacity(Direction direction, base::Instant from, base::Instant until);
  double line_capacity(std::size_t line, Direction direction, base::Instant from, base::Instant until);
  double cross_mbit(const Way& way) const;
  double best_rtt() const;
  Row row_of(Way& way);
  void wait_for_pings(std::vector<Row>& rows);
  std::string drops_of(Way& way);

  const Trial& trial_;
  const Load& load_;
  std::uint64_t seed_;
  Scenario scenario_;
  Client* client_ = nullptr;
  std::deque<Way> ways_;
  std::vector<std::vector<RateStep>> steps_;  // by line
  Ping* ping_ = nullptr;
  double ping_idle_ = 0;
  base::Instant load_start_;
  base::Instant measured_from_;
  std::vector<base::DropCounters> drops_before_;
};

Stage::Stage(const Trial& trial, const Load& load, std::uint64_t seed)
    : trial_(trial), load_(load), seed_(seed), scenario_({.seed = seed}), client_(&scenario_.add_client()) {
  for (const auto& line : trial.lines) scenario_.add_line(*client_, line.spec);
  if (trial.clocks) client_->set_clock(trial.clocks->offset, trial.clocks->parts_per_million);
  for (const auto direction : trial.directions) ways_.push_back({.direction = direction});
}

VirtualLink& Stage::link(std::size_t line, Direction direction) {
  auto& access = scenario_.lines[line];
  return direction == Direction::kDown ? access.down() : access.up();
}

void Stage::shape_lines() {
  for (std::size_t i = 0; i < trial_.lines.size(); ++i) {
    const auto& line = trial_.lines[i];
    steps_.push_back(line.changes ? line.changes(load_start_, seed_ * 100 + i) : std::vector<RateStep>{});
    for (const auto direction : {Direction::kDown, Direction::kUp}) link(i, direction).follow(steps_.back());
    for (const auto& silence : line.silences) {
      scenario_.network.at(load_start_ + silence.from, [this, i] { scenario_.lines[i].set_out(true); });
      scenario_.network.at(load_start_ + silence.until, [this, i] { scenario_.lines[i].set_out(false); });
    }
    for (const auto& route : line.routes) {
      scenario_.network.at(load_start_ + route.at,
                           [this, i, route] { scenario_.lines[i].down().conditions.delay = route.delay; });
    }
  }
}

void Stage::jump(base::Duration by) {
  scenario_.network.after(trial_.clocks->between_jumps, [this, by] {
    scenario_.network.step_wall_clock(by);
    jump(-by);
  });
}

void Stage::start_load(Way& way) {
  Device& from = sender(way.direction);
  Device& to = way.direction == Direction::kDown ? static_cast<Device&>(*client_) : scenario_.gateway;
  if (load_.transfer) {
    way.transfer = &scenario_.add_transfer(from, to, *load_.transfer);
    way.transfer->start();
  } else if (load_.constant_share > 0) {
    const double mbit =
        capacity(way.direction, load_start_, load_start_ + trial_.warm_up) * load_.constant_share;
    const auto interval = std::chrono::duration<double>(kFlowPacket * 8 / (mbit * 1e6));
    way.flow = &scenario_.add_flow(
        *static_cast<Host*>(&from), static_cast<Host&>(to),
        {.interval = std::chrono::duration_cast<base::Duration>(interval), .packet_size = kFlowPacket});
    way.flow->start();
  }
}

void Stage::toggle(Flow& flow, base::Duration every, bool is_on) {
  if (every == base::Duration::max()) return;
  scenario_.network.after(every, [this, &flow, every, is_on] {
    if (is_on)
      flow.stop();
    else
      flow.start();
    toggle(flow, every, !is_on);
  });
}

void Stage::start_cross_traffic(Way& way) {
  if (!trial_.cross) return;
  const auto port = static_cast<std::uint16_t>(7000 + static_cast<int>(way.direction));
  auto& beside = way.beside.emplace_back(scenario_.network, scenario_.lines.front(), port);
  const bool is_down = way.direction == Direction::kDown;
  Device& from = is_down ? beside.server() : beside.subscriber();
  Device& to = is_down ? beside.subscriber() : beside.server();
  if (trial_.cross->transfer) {
    way.cross_transfer.emplace_back(scenario_.network, from, to, port, *trial_.cross->transfer).start();
  } else {
    const auto interval = std::chrono::duration<double>(1472 * 8 / (megabits(trial_.cross->constant) * 1e6));
    const FlowShape shape{.interval = std::chrono::duration_cast<base::Duration>(interval),
                          .packet_size = 1472};
    auto& flow = way.cross_flow.emplace_back(scenario_.network, from, to, port, shape);
    flow.start();
    toggle(flow, trial_.cross->on, true);
  }
}

void Stage::begin_measuring(Way& way) {
  if (way.transfer != nullptr) {
    way.transfer->reset();
    way.sender_before = way.transfer->sender();
  }
  if (way.flow != nullptr) way.flow->reset();
  for (auto& transfer : way.cross_transfer) transfer.reset();
  for (auto& flow : way.cross_flow) flow.reset();
  for (std::size_t i = 0; i < trial_.lines.size(); ++i) {
    way.before.push_back(link(i, way.direction).counters());
    link(i, way.direction).record_waits(way.waits.emplace_back());
  }
}

void Stage::watch() {
  const auto since = scenario_.network.now().monotonic - load_start_;
  for (auto& way : ways_) {
    way.verdicts.look(sender(way.direction), since);
    const bool is_wanted = std::ranges::any_of(
        trial_.looks, [&](base::Duration look) { return look <= since && since < look + kLook; });
    if (is_wanted) way.verdicts.note_capacities(sender(way.direction), since);
  }
  scenario_.network.after(kLook, [this] { watch(); });
}

double Stage::line_capacity(std::size_t line, Direction direction, base::Instant from, base::Instant until) {
  const auto& conditions = link(line, direction).conditions;
  double mbit = megabits(mean_rate(steps_[line], conditions.rate, from, until));
  if (conditions.policer.rate.bits_per_second > 0) mbit = megabits(conditions.policer.rate);
  double silent = 0;
  for (const auto& silence : trial_.lines[line].silences) {
    const auto begin = std::max(from, load_start_ + silence.from);
    const auto end = std::min(until, load_start_ + silence.until);
    silent += std::max(0.0, base::to_seconds(end - begin));
  }
  return mbit * (1 - silent / base::to_seconds(until - from));
}

double Stage::capacity(Direction direction, base::Instant from, base::Instant until) {
  double sum = 0;
  for (std::size_t i = 0; i < trial_.lines.size(); ++i) sum += line_capacity(i, direction, from, until);
  return sum;
}

double Stage::cross_mbit(const Way& way) const {
  for (const auto& transfer : way.cross_transfer) return megabits(transfer.goodput()) * 1500 / 1420;
  for (const auto& flow : way.cross_flow) {
    const auto time = scenario_.network.now().monotonic - measured_from_;
    return megabits(base::rate_of({flow.counters().delivered * 1500}, time));
  }
  return 0;
}

// Of a line that is not silent for a time, where there is one.
double Stage::best_rtt() const {
  double best = std::numeric_limits<double>::max();
  double best_steady = best;
  for (const auto& line : trial_.lines) {
    const auto rtt = time_of_ping(line.spec.down) + time_of_ping(line.spec.up);
    best = std::min(best, rtt);
    if (line.silences.empty()) best_steady = std::min(best_steady, rtt);
  }
  return best_steady == std::numeric_limits<double>::max() ? best : best_steady;
}

std::string Stage::drops_of(Way& way) {
  LinkCounters sum;
  for (std::size_t i = 0; i < trial_.lines.size(); ++i) {
    const auto& now = link(i, way.direction).counters();
    sum.lost += now.lost - way.before[i].lost;
    sum.queue_drops += now.queue_drops - way.before[i].queue_drops;
    sum.policed += now.policed - way.before[i].policed;
  }
  std::ostringstream text;
  text << "line " << sum.lost << " queue " << sum.queue_drops << " policer " << sum.policed;
  for (std::size_t i = 0; i < static_cast<std::size_t>(base::DropReason::kCount); ++i) {
    const auto reason = static_cast<base::DropReason>(i);
    const auto count = scenario_.gateway.drops(reason) - drops_before_[0][reason] + client_->drops(reason) -
                       drops_before_[1][reason];
    if (count > 0) text << ' ' << base::to_string(reason) << ' ' << count;
  }
  return text.str();
}

Row Stage::row_of(Way& way) {
  const auto now = scenario_.network.now().monotonic;
  Row row{.trial = trial_.name, .load = load_.name, .direction = way.direction};
  double useful = kUsualShare;
  if (way.transfer != nullptr) {
    row.goodput_mbit = megabits(way.transfer->goodput());
    useful = static_cast<double>(way.transfer->payload().value) /
             (static_cast<double>(way.transfer->packet_size().value) + kOuterOverhead);
    row.depth_99 = way.transfer->receiver().depths().at(0.99);
    row.given_up = way.transfer->sender().given_up - way.sender_before.given_up;
    row.in_vain = way.transfer->sender().in_vain - way.sender_before.in_vain;
  } else if (way.flow != nullptr) {
    const auto bytes = way.flow->counters().delivered * (kFlowPacket - 28);
    row.goodput_mbit = megabits(base::rate_of({bytes}, now - measured_from_));
  }
  const double left = capacity(way.direction, measured_from_, now) - cross_mbit(way);
  row.possible_mbit = left * useful;
  row.share = row.possible_mbit > 0 ? row.goodput_mbit / row.possible_mbit : 0;
  row.rtt = best_rtt();
  row.ping_idle = ping_idle_;
  row.ping_silence = base::to_milliseconds(ping_->counters().longest_silence);
  for (auto& waits : way.waits) {
    row.queue_50 = std::max(row.queue_50, waits.at(0.5));
    row.queue_99 = std::max(row.queue_99, waits.at(0.99));
  }
  row.drops = drops_of(way);
  way.verdicts.note_capacities(sender(way.direction), now - load_start_);
  row.verdicts = way.verdicts.text();
  return row;
}

// Answers that are late count as late, and not as lost.
void Stage::wait_for_pings(std::vector<Row>& rows) {
  ping_->stop();
  scenario_.network.run_for(kLastAnswers);
  for (auto& row : rows) {
    row.ping_50 = ping_->times().at(0.5);
    row.ping_95 = ping_->times().at(0.95);
    row.ping_99 = ping_->times().at(0.99);
    row.ping_lost = ping_->counters().sent - ping_->counters().answered;
  }
}

std::vector<Row> Stage::perform() {
  auto& network = scenario_.network;
  if (!scenario_.connect(30s)) return {};
  network.run_for(kSettle);
  ping_ = &scenario_.add_ping(*client_, scenario_.gateway, trial_.ping_interval);
  ping_->start(~std::uint64_t{0});
  network.run_for(kIdle);
  ping_idle_ = ping_->times().at(0.5);
  load_start_ = network.now().monotonic;
  shape_lines();
  if (trial_.clocks) jump(24h);
  for (auto& way : ways_) {
    start_load(way);
    start_cross_traffic(way);
  }
  watch();
  network.run_for(trial_.warm_up);
  measured_from_ = network.now().monotonic;
  ping_->reset();
  for (auto& way : ways_) begin_measuring(way);
  drops_before_ = {scenario_.gateway.report().drops, client_->report().drops};
  network.run_for(trial_.length);
  std::vector<Row> rows;
  for (auto& way : ways_) rows.push_back(row_of(way));
  wait_for_pings(rows);
  return rows;
}

double rate_of_line(const TrialLine& line, const std::vector<Direction>& directions) {
  double sum = 0;
  for (const auto direction : directions) {
    const auto& conditions = direction == Direction::kDown ? line.spec.down : line.spec.up;
    sum += std::max(megabits(conditions.rate), megabits(conditions.policer.rate));
  }
  return sum;
}

// The goodput of each way over the best line alone. A line that could not beat the best so far is not tried.
std::vector<double> best_alone(Trial trial, const Load& load, std::uint64_t seed) {
  auto lines = std::move(trial.lines);
  const auto rate = [&](const TrialLine& line) { return rate_of_line(line, trial.directions); };
  std::ranges::stable_sort(lines, std::greater{}, rate);
  std::vector<double> best(trial.directions.size());
  double best_sum = 0;
  for (const auto& line : lines) {
    if (rate(line) * kUsualShare < 1.1 * best_sum) break;
    trial.lines = {line};
    const auto rows = Stage(trial, load, seed).perform();
    double sum = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      best[i] = std::max(best[i], rows[i].goodput_mbit);
      sum += rows[i].goodput_mbit;
    }
    best_sum = std::max(best_sum, sum);
  }
  return best;
}

}  // namespace

std::vector<Row> run(const Trial& trial, const Load& load, std::uint64_t seed) {
  auto rows = Stage(trial, load, seed).perform();
  std::vector<double> alone(rows.size());
  if (trial.lines.size() > 1 && load.transfer) alone = best_alone(trial, load, seed);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].possible_mbit > 0) rows[i].alone = alone[i] / rows[i].possible_mbit;
    rows[i].misses = misses(trial, rows[i]);
  }
  return rows;
}

}  // namespace sennit::sim
