#include "impair/delay_model.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "impair/normal.hpp"

namespace sennit::impair {

namespace {

// Pareto of shape 3 has mean 3/2 and variance 3/4.
double unscaled_pareto(double u) {
  return 1 / std::cbrt(1 - u) - 1.5;
}
constexpr double kParetoScale = 2 / std::numbers::sqrt3;
// Standard deviation of z/4 + pareto(Phi(z)), from a numerical integral over z.
constexpr double kParetoNormalDeviation = 1.051777245541579;

double paretonormal(double u, double z) {
  return (0.25 * z + unscaled_pareto(u)) / kParetoNormalDeviation;
}

// Uniform in (0, 1), without its ends.
double open_uniform(base::Rng& rng) {
  return (static_cast<double>(rng() >> 12U) + 0.5) * 0x1.0p-52;
}

}  // namespace

double quantile(Distribution distribution, double u) {
  switch (distribution) {
    case Distribution::kNormal: return normal_quantile(u);
    case Distribution::kPareto: return kParetoScale * unscaled_pareto(u);
    case Distribution::kParetoNormal: return paretonormal(u, normal_quantile(u));
    case Distribution::kUniform:
    case Distribution::kTable: break;
  }
  return 2 * u - 1;
}

double DelayModel::deviation(base::Rng& rng) {
  double u = open_uniform(rng);
  if (const double rho = settings_.correlation.value; rho > 0) {
    const double fresh = normal_quantile(u);
    z_ = has_last_ ? rho * z_ + std::sqrt(1 - rho * rho) * fresh : fresh;
    has_last_ = true;
    u = std::clamp(normal_cdf(z_), 0x1.0p-53, 1 - 0x1.0p-53);
  }
  if (settings_.table) return settings_.table->quantile(u);
  return quantile(settings_.distribution, u);
}

base::Duration DelayModel::least() const {
  const bool is_bounded =
      settings_.jitter == base::Duration::zero() || settings_.distribution == Distribution::kUniform;
  return is_bounded ? std::max(settings_.delay - settings_.jitter, base::Duration::zero())
                    : base::Duration::zero();
}

base::Duration DelayModel::draw(base::Rng& rng) {
  if (settings_.jitter == base::Duration::zero()) return settings_.delay;
  const double jitter = static_cast<double>(settings_.jitter.count()) * deviation(rng);
  // A pareto's tail has no end; ten times the longest delay that can be asked for is far enough.
  constexpr double kLongest = 1e15;
  const double delay = static_cast<double>(settings_.delay.count()) + jitter;
  return base::Duration(std::llround(std::clamp(delay, 0.0, kLongest)));
}

}  // namespace sennit::impair
