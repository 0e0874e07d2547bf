// The tests of goodness of fit: all at 99.9 % with fixed seeds, so that a failure is a wrong distribution.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "impair/normal.hpp"

namespace sennit::impair {

// Largest distance between the sample's distribution function and `cdf` (Kolmogorov-Smirnov).
inline double ks_distance(std::vector<double> sample, const std::function<double(double)>& cdf) {
  std::ranges::sort(sample);
  const auto size = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double expected = cdf(sample[i]);
    distance = std::max(
        {distance, expected - static_cast<double>(i) / size, static_cast<double>(i + 1) / size - expected});
  }
  return distance;
}

// The distance that a sample of independent values stays below with probability 99.9 % (Smirnov 1948).
inline double ks_limit(std::size_t size) {
  return 1.9495 / std::sqrt(static_cast<double>(size));
}

struct Category {
  double seen;
  double expected;
};

inline double chi_square(const std::vector<Category>& categories) {
  double sum = 0;
  for (const auto& [seen, expected] : categories) sum += (seen - expected) * (seen - expected) / expected;
  return sum;
}

// The value that chi-square stays below with probability 99.9 % (Wilson and Hilferty 1931).
inline double chi_square_limit(double degrees_of_freedom) {
  const double part = 2 / (9 * degrees_of_freedom);
  return degrees_of_freedom * std::pow(1 - part + normal_quantile(0.999) * std::sqrt(part), 3);
}

}  // namespace sennit::impair
