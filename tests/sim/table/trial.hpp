// One line of the table as data: which lines a client has, what happens to them, who sends. trials() lists
// them all; run() (stage.hpp) makes rows of them. Times count from the start of the load.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/rate_trace.hpp"
#include "sim/scenario.hpp"

namespace sennit::sim {

// As the client sees it.
enum class Direction : std::uint8_t { kDown, kUp };

// Nothing passes, and nobody is told.
struct Silence {
  base::Duration from;
  base::Duration until;
};

// From then on the way towards the client takes this long, as after a change of route.
struct RouteChange {
  base::Duration at;
  base::Duration delay;
};

// Changes of the wire's rate, both ways alike.
using RateChanges = std::function<std::vector<RateStep>(base::Instant load_start, std::uint64_t seed)>;

struct TrialLine {
  LineSpec spec;
  RateChanges changes{};
  std::vector<Silence> silences{};
  std::vector<RouteChange> routes{};
};

// What fills the tunnel: a transfer, or a constant share of what the lines carry together; zero: nothing.
struct Load {
  std::string name;
  std::optional<TransferKind> transfer{};
  double constant_share = 0;
};

// Traffic beside the tunnel on the first line, in the direction of the load.
struct CrossTraffic {
  base::BitRate constant{};                   // zero: none
  std::optional<TransferKind> transfer{};     // shares the queue as its own congestion control will have it
  base::Duration on = base::Duration::max();  // of the constant one; then as long off
};

// The client's clocks: the monotonic one is off and drifts, everybody's wall clock jumps a day forward and
// back.
struct ClockTrouble {
  base::Duration offset;
  double parts_per_million;
  base::Duration between_jumps;
};

struct Trial {
  std::string name;
  std::vector<TrialLine> lines;
  std::vector<Direction> directions{Direction::kDown};
  std::vector<Load> loads;
  std::optional<CrossTraffic> cross{};
  std::optional<ClockTrouble> clocks{};
  base::Duration warm_up = std::chrono::seconds(5);
  base::Duration length = std::chrono::seconds(15);  // of the measurement, after the warm-up
  base::Duration ping_interval = std::chrono::milliseconds(50);
  // What is demanded of it besides what is demanded of all.
  double least_share = 0;
  base::Duration longest_silence = base::Duration::max();
  // When the capacity that the tunnel believes in is printed, besides at the end.
  std::vector<base::Duration> looks{};
};

// Every trial; those with random lines follow from the seed.
std::vector<Trial> trials(std::uint64_t seed);

}  // namespace sennit::sim
