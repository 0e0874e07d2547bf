#include "sim/table/row.hpp"

#include <algorithm>
#include <iomanip>

namespace sennit::sim {

namespace {

constexpr int kNameWidth = 26;
constexpr int kWidth = 8;

// In milliseconds, beyond the best line's.
constexpr double kIdlePing = 1;
constexpr double kMedianPing = 10;
constexpr double kSlowestPing = 40;
constexpr double kStandingQueue = 15;
constexpr std::uint64_t kLostPings = 10;
constexpr double kNoise = 0.995;  // a segment more or less within the time measured

class Cells {
 public:
  explicit Cells(std::ostream& out) : out_(out) { out_ << std::fixed; }
  template <class Value>
  Cells& add(const Value& value, int digits = 0, int width = kWidth) {
    out_ << ' ' << std::right << std::setprecision(digits) << std::setw(width) << value;
    return *this;
  }

 private:
  std::ostream& out_;
};

}  // namespace

std::string misses(const Trial& trial, const Row& row) {
  std::string text;
  const auto demand = [&text](bool is_met, const char* name) {
    if (!is_met) text += text.empty() ? name : std::string(",") + name;
  };
  demand(row.share >= trial.least_share, "share");
  demand(row.share >= row.alone * kNoise, "alone");
  demand(row.ping_idle <= row.rtt + kIdlePing, "idle");
  // A queue that somebody else fills is not the tunnel's to empty, nor a route its to shorten.
  const bool is_queue_ours = !trial.cross || !trial.cross->transfer;
  const bool is_delay_ours =
      is_queue_ours && std::ranges::all_of(trial.lines, [](const auto& line) { return line.routes.empty(); });
  demand(!is_delay_ours || row.ping_50 <= row.rtt + kMedianPing, "ping50");
  demand(!is_delay_ours || row.ping_99 <= row.rtt + kSlowestPing, "ping99");
  demand(!is_queue_ours || row.queue_50 <= kStandingQueue, "queue");
  if (trial.longest_silence != base::Duration::max()) {
    demand(row.ping_silence <= base::to_milliseconds(trial.longest_silence), "silence");
    demand(row.ping_lost <= kLostPings, "lost");
  }
  return text.empty() ? "-" : text;
}

void print_heading(std::ostream& out) {
  out << "# share, alone: goodput of all lines, and of the best line alone, over what all lines can bring "
         "the\n"
         "# application. ping: round trips through the tunnel in ms, before and under load. queue: waits in\n"
         "# front of the wire in ms, of the worst line. depth: later packets that had arrived before one.\n"
      << std::left << std::setw(kNameWidth) << "trial";
  Cells cells(out);
  for (const auto* name : {"load", "way", "Mbit/s", "share", "alone", "idle", "ping50", "ping95", "ping99",
                           "silence", "lost", "queue50", "queue99", "depth99", "given_up", "in_vain"}) {
    cells.add(name);
  }
  out << "  misses | drops | verdicts, capacities in Mbit/s\n";
}

void print(std::ostream& out, const Row& row) {
  out << std::left << std::setw(kNameWidth) << row.trial;
  Cells cells(out);
  cells.add(row.load).add(row.direction == Direction::kDown ? "down" : "up");
  cells.add(row.goodput_mbit, 2).add(row.share, 3).add(row.alone, 3);
  cells.add(row.ping_idle, 1).add(row.ping_50, 1).add(row.ping_95, 1).add(row.ping_99, 1);
  cells.add(row.ping_silence).add(row.ping_lost);
  cells.add(row.queue_50, 1).add(row.queue_99, 1).add(row.depth_99);
  cells.add(row.given_up).add(row.in_vain);
  out << "  " << row.misses << " | " << row.drops << " | " << row.verdicts << '\n';
}

}  // namespace sennit::sim
