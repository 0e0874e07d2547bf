// `sennit doctor`: what this machine can and cannot do, each with the remedy. Changes nothing.
// Called by main(); every finding comes from one small probe in doctor.cpp.
#pragma once

#include <string>
#include <vector>

#include "config/command_line.hpp"

namespace sennit::shell {

enum class Verdict {
  kGood,
  kNote,     // works, and could be better
  kMissing,  // something will fail
};

struct Finding {
  std::string name;
  Verdict verdict = Verdict::kGood;
  std::string found;
  std::string remedy;  // empty where all is good
};

// Runs every probe.
std::vector<Finding> examine_machine();

// For people: one line each, and the remedies.
std::string findings_text(const std::vector<Finding>& findings);
// For scripts: {"findings": [{"name": …, "verdict": "good|note|missing", "found": …, "remedy": …}]}.
std::string findings_json(const std::vector<Finding>& findings);

// Prints the machine's and, behind them, `further` ones; 1 where something is missing.
int run_command(const config::DoctorCommand& command, const std::vector<Finding>& further);

}  // namespace sennit::shell
