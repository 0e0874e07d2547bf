// One row of the table: what a trial gave with one load in one direction, and how it is written. The text is
// compared byte for byte with the reviewed table, so it holds nothing that the seed does not decide.
#pragma once

#include <ostream>
#include <string>

#include "sim/table/trial.hpp"

namespace sennit::sim {

struct Row {
  std::string trial;
  std::string load;
  Direction direction = Direction::kDown;
  double goodput_mbit = 0;
  double possible_mbit = 0;  // what all lines can bring the application
  double share = 0;          // goodput over that: sum of the lines' rates x payload / wire bytes
  double alone = 0;          // the same, of the best line alone, over the same sum
  double rtt = 0;            // of the best line, in milliseconds
  // Round trips through the tunnel in milliseconds: before the load, and under it.
  double ping_idle = 0;
  double ping_50 = 0;
  double ping_95 = 0;
  double ping_99 = 0;
  double ping_silence = 0;  // longest time without an answer
  std::uint64_t ping_lost = 0;
  // Waits in front of the wire in milliseconds, of the line where they are longest.
  double queue_50 = 0;
  double queue_99 = 0;
  double depth_99 = 0;         // later packets that had arrived before one
  std::uint64_t given_up = 0;  // segments that the inner sender took for lost
  std::uint64_t in_vain = 0;   // of them, and had arrived
  std::string drops{};         // modem's, and the endpoints' by reason
  std::string verdicts{};
  std::string misses{};  // which demands are not met
};

// What of the demands on every trial, and on this one, the row does not meet; "-" where it meets all.
std::string misses(const Trial& trial, const Row& row);

void print_heading(std::ostream& out);
void print(std::ostream& out, const Row& row);

}  // namespace sennit::sim
