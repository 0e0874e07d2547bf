// The table of the simulator: every trial with every load, one row each.
//   sim_table [--seed N] [--told] [--list] [--expect FILE] [NAME...]
// --told tells the endpoints the lines' rates, as up= and down= do. NAMEs select trials that contain one of
// them; one that selects none is an error. --expect compares with a reviewed table and fails where a byte of
// these trials differs.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "sim/table/stage.hpp"

namespace sennit::sim {
namespace {

struct Arguments {
  std::uint64_t seed = 1;
  bool is_told = false;
  bool is_list = false;
  std::string expect;
  std::vector<std::string> names;
};

// Nothing where an option is unknown, or lacks its value.
std::optional<Arguments> parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has_value = i + 1 < words.size();
    if (words[i] == "--list")
      arguments.is_list = true;
    else if (words[i] == "--told")
      arguments.is_told = true;
    else if (words[i] == "--seed" && has_value)
      arguments.seed = std::stoull(words[++i]);
    else if (words[i] == "--expect" && has_value)
      arguments.expect = words[++i];
    else if (words[i].starts_with("-"))
      return std::nullopt;
    else
      arguments.names.push_back(words[i]);
  }
  return arguments;
}

bool is_wanted(const Arguments& arguments, const std::string& name) {
  if (arguments.names.empty()) return true;
  for (const auto& part : arguments.names) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

// The NAMEs that select no trial.
std::vector<std::string> strange_names(const Arguments& arguments) {
  const auto all = trials(arguments.seed);
  auto strange = arguments.names;
  std::erase_if(strange, [&all](const std::string& name) {
    return std::ranges::any_of(
        all, [&name](const Trial& trial) { return trial.name.find(name) != std::string::npos; });
  });
  return strange;
}

void tell(Trial& trial) {
  for (auto& line : trial.lines) {
    line.spec.told_up = std::max(line.spec.up.rate, line.spec.up.policer.rate);
    line.spec.told_down = std::max(line.spec.down.rate, line.spec.down.policer.rate);
  }
}

// Prints as it goes; the whole text is what is compared.
std::string make_table(const Arguments& arguments) {
  std::ostringstream table;
  const auto add = [&table](const std::string& text) {
    table << text;
    std::cout << text << std::flush;
  };
  std::ostringstream heading;
  print_heading(heading);
  add(heading.str());
  for (auto trial : trials(arguments.seed)) {
    if (!is_wanted(arguments, trial.name)) continue;
    if (arguments.is_told) tell(trial);
    for (const auto& load : trial.loads) {
      std::ostringstream rows;
      for (const auto& row : run(trial, load, arguments.seed)) print(rows, row);
      add(rows.str());
    }
  }
  return table.str();
}

// The reviewed table without the rows of trials that were not run.
std::string wanted_rows(const Arguments& arguments) {
  std::ifstream file(arguments.expect);
  std::string rows;
  for (std::string line; std::getline(file, line);) {
    const auto name = line.substr(0, line.find(' '));
    const bool is_heading = name == "#" || name == "trial";
    if (is_heading || is_wanted(arguments, name)) rows += line + '\n';
  }
  return rows;
}

int compare(const std::string& table, const Arguments& arguments) {
  std::istringstream file(wanted_rows(arguments));
  std::istringstream now(table);
  std::string expected;
  std::string found;
  int differences = 0;
  while (true) {
    const bool has_expected = static_cast<bool>(std::getline(file, expected));
    const bool has_found = static_cast<bool>(std::getline(now, found));
    if (!has_expected && !has_found) break;
    if (has_expected && has_found && expected == found) continue;
    ++differences;
    if (has_expected) std::cerr << "-" << expected << '\n';
    if (has_found) std::cerr << "+" << found << '\n';
  }
  if (differences > 0) std::cerr << differences << " rows differ from " << arguments.expect << '\n';
  return differences > 0 ? 1 : 0;
}

int run_table(const Arguments& arguments) {
  if (arguments.is_list) {
    for (const auto& trial : trials(arguments.seed)) std::cout << trial.name << '\n';
    return 0;
  }
  const auto strange = strange_names(arguments);
  for (const auto& name : strange) std::cerr << "no trial has '" << name << "' in its name; see --list\n";
  if (!strange.empty()) return 2;
  const auto table = make_table(arguments);
  return arguments.expect.empty() ? 0 : compare(table, arguments);
}

}  // namespace
}  // namespace sennit::sim

int main(int argc, char** argv) {
  const auto arguments = sennit::sim::parse({argv + 1, argv + argc});
  if (arguments) return sennit::sim::run_table(*arguments);
  std::cerr << "usage: sim_table [--seed N] [--told] [--list] [--expect FILE] [NAME...]\n";
  return 2;
}
