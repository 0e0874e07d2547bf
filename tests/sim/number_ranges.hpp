// A set of numbers that are mostly contiguous: which segments have arrived. Forgets the lowest ranges where
// it is told to hold only so many.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

#include "sim/segment.hpp"

namespace sennit::sim {

class NumberRanges {
 public:
  // False: it was there already.
  bool insert(std::uint64_t number);
  // The range around this number; empty where it is not in the set.
  NumberRange around(std::uint64_t number) const;
  // The highest ranges, at most so many, highest first.
  std::vector<NumberRange> highest(std::size_t most) const;
  // Drops the lowest until this many are left; their numbers count as not in the set.
  void hold(std::size_t most) {
    while (ranges_.size() > most) ranges_.erase(ranges_.begin());
  }
  // The lowest number from zero on that is not in the set.
  std::uint64_t first_missing() const { return around(0).end; }
  bool has_gaps() const { return ranges_.size() > 1 || (!ranges_.empty() && ranges_.begin()->first > 0); }

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;  // first, end
};

}  // namespace sennit::sim
