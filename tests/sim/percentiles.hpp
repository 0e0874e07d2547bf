// Samples of one quantity, to be asked for their percentiles: the simulator's measure of delays and depths.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace sennit::sim {

class Percentiles {
 public:
  void add(double value) { values_.push_back(value); }
  void clear() { values_.clear(); }
  std::size_t size() const { return values_.size(); }
  // The smallest sample that `share` of all do not exceed; zero where there are none.
  double at(double share) {
    if (values_.empty()) return 0;
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values_.size())));
    const auto place = values_.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
    std::ranges::nth_element(values_, place);
    return *place;
  }

 private:
  std::vector<double> values_;
};

}  // namespace sennit::sim
