// The standard normal distribution: its function and the inverse.
// Used to draw correlated values whose distribution stays the one asked for. Nothing random here.
#pragma once

namespace sennit::impair {

// P(Z <= z).
double normal_cdf(double z);
// The z with P(Z <= z) = u, 0 < u < 1; accurate to 1e-15 or so (Wichura 1988, Algorithm AS 241, PPND16).
double normal_quantile(double u);

}  // namespace sennit::impair
