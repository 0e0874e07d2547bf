#include "impair/interval.hpp"

#include <cmath>

namespace sennit::impair {

namespace {

// Continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz's method.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr double kPrecision = 1e-14;
  constexpr int kMostTerms = 10'000;
  double c = 1;
  double d = 1 / (1 - (a + b) * x / (a + 1));
  double value = d;
  const auto step = [&](double numerator) {
    d = 1 + numerator * d;
    c = 1 + numerator / c;
    if (std::abs(d) < kTiny) d = kTiny;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    value *= d * c;
    return std::abs(d * c - 1);
  };
  for (int m = 1; m < kMostTerms; ++m) {
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))) < kPrecision) break;
  }
  return value;
}

// Regularised incomplete beta function I_x(a, b).
double beta_cdf(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double beta_quantile(double a, double b, double probability) {
  double low = 0;
  double high = 1;
  constexpr int kBits = 60;
  for (int i = 0; i < kBits; ++i) {
    const double middle = (low + high) / 2;
    (beta_cdf(a, b, middle) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

Interval clopper_pearson(Count count, Probability confidence) {
  const auto hits = static_cast<double>(count.hits);
  const double misses = static_cast<double>(count.trials) - hits;
  const double tail = (1 - confidence.value) / 2;
  Interval interval;
  if (hits > 0) interval.low = {beta_quantile(hits, misses + 1, tail)};
  if (misses > 0) interval.high = {beta_quantile(hits + 1, misses, 1 - tail)};
  return interval;
}

}  // namespace sennit::impair
