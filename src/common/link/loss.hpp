// Loss on the way out over one path, from what the other end says it received (protocol.md section 5.4).
// Written by control, read by status. Does not tell random loss from congestion: that is the saturation
// detector's task.
#pragma once

#include <cstdint>

namespace sennit::link {

class LossEstimator {
 public:
  // The other end's counts, both modulo 2^32: datagrams received, and highest counter plus one.
  void report(std::uint32_t received, std::uint32_t expected);
  // Share lost, 0..1, smoothed over roughly the last 500 datagrams.
  double loss() const { return loss_; }
  // A new session starts its counters at zero.
  void restart() { known_ = false; }

 private:
  bool known_ = false;
  std::uint32_t received_ = 0;
  std::uint32_t expected_ = 0;
  double loss_ = 0;
};

}  // namespace sennit::link
