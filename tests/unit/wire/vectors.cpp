#include "unit/wire/vectors.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace sennit::wire {
namespace {

std::uint8_t parse_byte(const std::string& word) {
  std::size_t used = 0;
  const unsigned long value = std::stoul(word, &used, 16);
  if (used != word.size() || word.size() != 2) throw std::runtime_error("not a byte: " + word);
  return static_cast<std::uint8_t>(value);
}

// "01 02 x3" is 01 02 02 02.
void append_bytes(const std::string& text, Bytes& bytes) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word.front() == 'x' && !bytes.empty()) {
      bytes.insert(bytes.end(), std::stoul(word.substr(1)) - 1, bytes.back());
    } else {
      bytes.push_back(parse_byte(word));
    }
  }
}

}  // namespace

Vectors load_vectors(std::string_view file_name) {
  const std::string path = std::string(SENNIT_SOURCE_DIR "/tests/vectors/").append(file_name);
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  Vectors vectors;
  Bytes* current = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[') {
      current = &vectors[line.substr(1, line.find(']') - 1)];
      continue;
    }
    const std::size_t bar = line.find('|');
    if (current == nullptr || bar == std::string::npos)
      throw std::runtime_error(path + ": cannot read: " + line);
    append_bytes(line.substr(0, bar), *current);
  }
  return vectors;
}

}  // namespace sennit::wire
