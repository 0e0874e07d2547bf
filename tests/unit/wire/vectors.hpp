// The wire vectors of tests/vectors: named byte strings, written as "bytes | meaning" lines for people to
// read. The format is told at the head of tests/vectors/wire-outer.txt.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sennit::wire {

using Bytes = std::vector<std::uint8_t>;
using Vectors = std::map<std::string, Bytes, std::less<>>;

// The vectors of one file of tests/vectors; throws on a line that it cannot read.
Vectors load_vectors(std::string_view file_name);

}  // namespace sennit::wire
