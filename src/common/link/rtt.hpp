// Round-trip time of one path: smoothed and its variation (RFC 6298), and the moving minimum.
// Written by control (probe echoes), read by everybody. Times in, times out; no clock of its own.
#pragma once

#include "base/time.hpp"
#include "link/moving_minimum.hpp"

namespace sennit::link {

class RttEstimator {
 public:
  // One measured round trip.
  void add(base::Duration rtt, base::Instant now);
  bool known() const { return known_; }
  base::Duration smoothed() const { return smoothed_; }
  base::Duration variation() const { return variation_; }
  base::Duration latest() const { return latest_; }
  // The least of the last minute; the latest one when none is that young; zero before the first measurement.
  base::Duration minimum(base::Instant now) const;
  // How long to wait for an echo: smoothed + 4 variations, at least `floor`, at most two seconds or two round
  // trips; one second before the first measurement.
  base::Duration timeout(base::Duration floor) const;

 private:
  bool known_ = false;
  base::Duration smoothed_{};
  base::Duration variation_{};
  base::Duration latest_{};
  MovingMinimum minimum_;
};

}  // namespace sennit::link
