// The loss of a direction: one of the models, chosen by its settings.
// Stands behind the rate queue (order=link), so that lost packets have used the line.
#pragma once

#include <variant>

#include "base/rng.hpp"
#include "impair/four_state_loss.hpp"
#include "impair/gilbert_elliott_loss.hpp"
#include "impair/markov_coin.hpp"
#include "impair/probability.hpp"

namespace sennit::impair {

// A share of packets in runs of a mean length.
struct BurstLoss {
  Probability share = {};
  double mean_burst = 1;
  bool operator==(const BurstLoss&) const = default;
};

// Without an alternative chosen, nothing is lost.
using LossSettings = std::variant<std::monostate, RandomShare, BurstLoss, GilbertElliott, FourState>;

class Loss {
 public:
  Loss() = default;
  explicit Loss(const LossSettings& settings) { change(settings); }
  // Whether the next packet is lost.
  bool next(base::Rng& rng);
  // The new parameters from the next packet on; a model of the same kind keeps its state.
  void change(const LossSettings& settings);

 private:
  template <class Model, class Parameters>
  void change_model(const Parameters& parameters);

  std::variant<MarkovCoin, GilbertElliottLoss, FourStateLoss> model_;
};

// The share that the model loses in the long run.
Probability expected_loss(const LossSettings& settings);

}  // namespace sennit::impair
