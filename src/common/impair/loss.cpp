#include "impair/loss.hpp"

#include "impair/match.hpp"

namespace sennit::impair {

namespace {

MarkovCoin coin_of(const LossSettings& settings) {
  if (const auto* random = std::get_if<RandomShare>(&settings)) return MarkovCoin(*random);
  if (const auto* burst = std::get_if<BurstLoss>(&settings)) {
    return MarkovCoin::with_run(burst->share, burst->mean_burst);
  }
  return {};
}

}  // namespace

bool Loss::next(base::Rng& rng) {
  return std::visit(Match{[&](MarkovCoin& coin) { return coin.is_live() && coin.toss(rng); },
                          [&](auto& model) { return model.next(rng); }},
                    model_);
}

template <class Model, class Parameters>
void Loss::change_model(const Parameters& parameters) {
  if (auto* model = std::get_if<Model>(&model_)) {
    model->change(parameters);
  } else {
    model_ = Model(parameters);
  }
}

void Loss::change(const LossSettings& settings) {
  std::visit(Match{[&](const GilbertElliott& parameters) { change_model<GilbertElliottLoss>(parameters); },
                   [&](const FourState& parameters) { change_model<FourStateLoss>(parameters); },
                   [&](const auto&) { change_model<MarkovCoin>(coin_of(settings)); }},
             settings);
}

Probability expected_loss(const LossSettings& settings) {
  return std::visit(
      Match{[](std::monostate) { return Probability{}; }, [](const RandomShare& loss) { return loss.share; },
            [](const BurstLoss& loss) { return loss.share; },
            [](const auto& parameters) { return parameters.expected_loss(); }},
      settings);
}

}  // namespace sennit::impair
