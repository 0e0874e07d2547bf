// `sennit check FILE`: everything that can be said about a configuration without touching the system.
// Reads the file and the key files that it names, nothing else.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sennit::config {

// What is said of a file, one text each.
struct Checked {
  std::vector<std::string> problems;  // none when the file is good
  std::vector<std::string> notes;     // what is still to be done before it can be used
};

// Everything about this file and its key files. One that does not exist yet is a note: a configuration may be
// written before its keys are made, or on another machine.
Checked check_file(const std::filesystem::path& file);

}  // namespace sennit::config
