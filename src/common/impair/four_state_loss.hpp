// The four-state loss model (Salsano, Ludovici, Ordine, Giannuzzi 2012, "GI model"; netem's `loss state`):
// 1 received in a gap, 2 received in a burst, 3 lost in a burst, 4 lost alone.
// The state changes first, and the packet is judged by the new one. Starts in state 1, as netem does.
#pragma once

#include <cstdint>

#include "base/rng.hpp"
#include "impair/probability.hpp"

namespace sennit::impair {

// Transition probabilities; p13 + p14 and p31 + p32 are at most 1.
struct FourState {
  Probability p13 = {};
  Probability p31 = {};
  Probability p32 = {};
  Probability p23 = {};
  Probability p14 = {};
  bool operator==(const FourState&) const = default;
  // Stationary share of the states 3 and 4.
  Probability expected_loss() const;
};

class FourStateLoss {
 public:
  explicit FourStateLoss(const FourState& parameters) : parameters_(parameters) {}
  // Whether the next packet is lost.
  bool next(base::Rng& rng);
  // Other parameters from the next packet on, in the same state.
  void change(const FourState& parameters) { parameters_ = parameters; }

 private:
  enum class State : std::uint8_t { kReceivedInGap, kReceivedInBurst, kLostInBurst, kLostAlone };
  State after(base::Rng& rng) const;

  FourState parameters_;
  State state_ = State::kReceivedInGap;
};

}  // namespace sennit::impair
