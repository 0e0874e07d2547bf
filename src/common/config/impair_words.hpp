// The words of impairment options and what they stand for: read by impair_values, written by impair_text.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "impair/settings.hpp"

namespace sennit::config {

template <class Value>
struct ImpairWord {
  std::string_view name;
  Value value;
};

inline constexpr std::array kAqmWords{ImpairWord<impair::Aqm>{"droptail", impair::Aqm::kDropTail},
                                      ImpairWord<impair::Aqm>{"codel", impair::Aqm::kCoDel},
                                      ImpairWord<impair::Aqm>{"fq_codel", impair::Aqm::kFqCodel},
                                      ImpairWord<impair::Aqm>{"sfq", impair::Aqm::kFair},
                                      ImpairWord<impair::Aqm>{"prio", impair::Aqm::kPriorityBands}};
inline constexpr std::array kEcnWords{ImpairWord<impair::EcnUse>{"aqm", impair::EcnUse::kQueue},
                                      ImpairWord<impair::EcnUse>{"all", impair::EcnUse::kAll},
                                      ImpairWord<impair::EcnUse>{"off", impair::EcnUse::kOff}};
inline constexpr std::array kOrderWords{ImpairWord<impair::Order>{"link", impair::Order::kLink},
                                        ImpairWord<impair::Order>{"netem", impair::Order::kNetem}};
inline constexpr std::array kDistributionWords{
    ImpairWord<impair::Distribution>{"uniform", impair::Distribution::kUniform},
    ImpairWord<impair::Distribution>{"normal", impair::Distribution::kNormal},
    ImpairWord<impair::Distribution>{"pareto", impair::Distribution::kPareto},
    ImpairWord<impair::Distribution>{"paretonormal", impair::Distribution::kParetoNormal}};
inline constexpr std::array kFramingWords{ImpairWord<impair::Framing>{"atm", impair::Framing::kAtm},
                                          ImpairWord<impair::Framing>{"ptm", impair::Framing::kPtm}};
inline constexpr std::array kRegionWords{
    ImpairWord<impair::DamageRegion>{"packet", impair::DamageRegion::kPacket},
    ImpairWord<impair::DamageRegion>{"header", impair::DamageRegion::kHeaders},
    ImpairWord<impair::DamageRegion>{"payload", impair::DamageRegion::kPayload}};
inline constexpr std::array kPeriodWords{
    ImpairWord<impair::OutagePeriods>{"fixed", impair::OutagePeriods::kFixed},
    ImpairWord<impair::OutagePeriods>{"exponential", impair::OutagePeriods::kExponential}};
inline constexpr std::array kEffectWords{
    ImpairWord<impair::OutageEffect>{"drop", impair::OutageEffect::kDrop},
    ImpairWord<impair::OutageEffect>{"hold", impair::OutageEffect::kHold}};

// What a word stands for.
template <class Value, std::size_t N>
std::optional<Value> value_of(std::string_view name, const std::array<ImpairWord<Value>, N>& words) {
  const auto word = std::ranges::find(words, name, &ImpairWord<Value>::name);
  if (word == words.end()) return std::nullopt;
  return word->value;
}

// The word for a value, which has one.
template <class Value, std::size_t N>
std::string word_for(Value value, const std::array<ImpairWord<Value>, N>& words) {
  return std::string(std::ranges::find(words, value, &ImpairWord<Value>::value)->name);
}

// "a, b or c".
template <class Value, std::size_t N>
std::string list_of(const std::array<ImpairWord<Value>, N>& words) {
  std::string names;
  for (const auto& word : words) {
    if (!names.empty()) names += &word == &words.back() ? " or " : ", ";
    names += word.name;
  }
  return names;
}

}  // namespace sennit::config
