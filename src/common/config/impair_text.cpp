#include "config/impair_text.hpp"

#include <array>
#include <charconv>
#include <span>

#include "config/impair_words.hpp"
#include "impair/match.hpp"

namespace sennit::config {

namespace {

using impair::Match;
// The overloads below would hide those of the header.
using config::to_text;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kRateUnits{Unit{"gbit", 1'000'000'000}, Unit{"mbit", 1'000'000}, Unit{"kbit", 1'000},
                                Unit{"bit", 1}};
constexpr std::array kSizeUnits{Unit{"GB", 1'000'000'000}, Unit{"MB", 1'000'000}, Unit{"kB", 1'000},
                                Unit{"B", 1}};
constexpr std::array kDurationUnits{Unit{"h", 3'600'000'000'000}, Unit{"m", 60'000'000'000},
                                    Unit{"s", 1'000'000'000}, Unit{"ms", 1'000'000}, Unit{"us", 1'000}};

// A decimal number without an exponent, trailing zeros cut.
std::string number(double value) {
  std::array<char, 512> text{};
  constexpr int kDecimals = 12;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, kDecimals).ptr;
  std::string decimal(text.data(), end);
  decimal.erase(decimal.find_last_not_of('0') + 1);
  if (decimal.back() == '.') decimal.pop_back();
  return decimal;
}

// In the largest unit that leaves at most three decimals; the last unit takes what is left.
std::string in_units(std::uint64_t value, std::span<const Unit> units) {
  constexpr std::uint64_t kThousand = 1'000;
  for (const auto& [name, factor] : units) {
    const bool is_last = name == units.back().name;
    const bool is_short = value >= factor && value % factor * kThousand % factor == 0;
    if (is_last || is_short)
      return number(static_cast<double>(value) / static_cast<double>(factor)) + std::string(name);
  }
  return {};
}

std::string to_text(const impair::Overhead& overhead) {
  for (const auto& [name, known] : impair::named_overheads()) {
    if (known == overhead) return std::string(name);
  }
  std::string text = std::to_string(overhead.bytes);
  if (overhead.framing != impair::Framing::kPlain) text += "+" + word_for(overhead.framing, kFramingWords);
  if (overhead.least > 0) text += "+least" + std::to_string(overhead.least);
  return text;
}

std::string to_text(const impair::QueueLimit& limit) {
  return std::visit(Match{[](std::monostate) { return std::string(); },
                          [](impair::Packets packets) { return std::to_string(packets.value) + "packets"; },
                          [](auto measure) { return to_text(measure); }},
                    limit);
}

std::string to_text(const impair::DamageMode& mode) {
  const bool is_bytes = mode.unit == impair::DamageUnit::kBytes;
  const bool is_plain = !is_bytes && mode.count == 1;
  std::string text = is_plain ? "bit" : (is_bytes ? "bytes " : "bits ") + std::to_string(mode.count);
  if (mode.region != impair::DamageRegion::kPacket) text += " " + word_for(mode.region, kRegionWords);
  if (mode.checksums == impair::Checksums::kRepaired) text += " repaired";
  return text;
}

std::string to_text(const impair::OutageSettings& outage) {
  std::string text = to_text(outage.on) + "/" + to_text(outage.off);
  if (outage.periods != impair::OutagePeriods::kFixed) text += " " + word_for(outage.periods, kPeriodWords);
  if (outage.effect != impair::OutageEffect::kDrop) text += " " + word_for(outage.effect, kEffectWords);
  return text;
}

std::string to_text(const impair::SlotSettings& slot) {
  std::string text = to_text(slot.least);
  if (slot.most != slot.least) text += " " + to_text(slot.most);
  if (slot.packets > 0) text += " packets " + std::to_string(slot.packets);
  if (slot.bytes > base::Bytes{}) text += " bytes " + to_text(slot.bytes);
  return text;
}

std::string to_text(const impair::GilbertElliott& model) {
  return "gilbert-elliott " + to_text(model.p) + " " + to_text(model.r) + " " + to_text(model.loss_in_bad) +
         " " + to_text(model.loss_in_good);
}

std::string to_text(const impair::FourState& model) {
  return "states " + to_text(model.p13) + " " + to_text(model.p31) + " " + to_text(model.p32) + " " +
         to_text(model.p23) + " " + to_text(model.p14);
}

// Keys as they are added, those at their default left out.
class KeyList {
 public:
  template <class Value>
  void add(std::string_view key, const Value& value, const Value& default_value = {}) {
    if (value != default_value) put(key, to_text(value));
  }
  void put(std::string_view key, std::string value) { keys_.emplace_back(key, std::move(value)); }
  std::vector<KeyAndValue> take() { return std::move(keys_); }

 private:
  std::vector<KeyAndValue> keys_;
};

void add_line(KeyList& keys, const impair::Settings& settings) {
  keys.add("rate", settings.rate.rate);
  keys.add("burst", settings.rate.burst);
  keys.add("peak", settings.rate.peak);
  if (settings.rate.trace) keys.put("trace", settings.trace_file);
  keys.add("overhead", settings.overhead);
  keys.add("queue", settings.queue_limit);
  if (settings.aqm != impair::Aqm::kDropTail) keys.put("aqm", word_for(settings.aqm, kAqmWords));
  if (settings.ecn != impair::EcnUse::kQueue) keys.put("ecn", word_for(settings.ecn, kEcnWords));
}

void add_delay(KeyList& keys, const impair::Settings& settings) {
  const auto& delay = settings.delay;
  keys.add("delay", delay.delay);
  keys.add("jitter", delay.jitter);
  if (delay.jitter == base::Duration{}) return;
  if (delay.table) {
    keys.put("distribution", settings.distribution_file);
  } else if (delay.distribution != impair::Distribution::kUniform) {
    keys.put("distribution", word_for(delay.distribution, kDistributionWords));
  }
  keys.add("delay-correlation", delay.correlation);
}

void add_loss(KeyList& keys, const impair::LossSettings& loss) {
  std::visit(Match{[](std::monostate) {},
                   [&](const impair::RandomShare& random) {
                     keys.put("loss", to_text(random.share));
                     keys.add("loss-correlation", random.correlation);
                   },
                   [&](const impair::BurstLoss& burst) {
                     keys.put("loss", to_text(burst.share));
                     keys.put("loss-burst", number(burst.mean_burst));
                   },
                   [&](const auto& model) { keys.put("loss-model", to_text(model)); }},
             loss);
}

// A share that is zero makes whatever goes with it mean nothing.
void add_share(KeyList& keys, const std::string& key, const impair::RandomShare& random) {
  keys.add(key, random.share);
  if (random.share > impair::Probability{}) keys.add(key + "-correlation", random.correlation);
}

void add_shares(KeyList& keys, const impair::Settings& settings) {
  const auto is_live = [](const impair::RandomShare& random) { return random.share > impair::Probability{}; };
  add_share(keys, "corrupt", settings.corrupt.random);
  if (is_live(settings.corrupt.random)) keys.add("corrupt-mode", settings.corrupt.mode);
  add_share(keys, "duplicate", settings.duplicate);
  add_share(keys, "reorder", settings.reorder.random);
  if (is_live(settings.reorder.random) && settings.reorder.gap > 1) {
    keys.put("reorder-gap", std::to_string(settings.reorder.gap));
  }
}

}  // namespace

std::string to_text(base::BitRate rate) {
  return in_units(rate.bits_per_second, kRateUnits);
}

std::string to_text(base::Bytes size) {
  return in_units(size.value, kSizeUnits);
}

std::string to_text(base::Duration duration) {
  if (duration == base::Duration{}) return "0s";
  return in_units(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::string to_text(impair::Probability share) {
  return number(share.value * 100) + "%";
}

std::vector<KeyAndValue> to_keys(const impair::Settings& settings) {
  KeyList keys;
  add_line(keys, settings);
  add_delay(keys, settings);
  add_loss(keys, settings.loss);
  add_shares(keys, settings);
  keys.add("outage", settings.outage);
  keys.add("slot", settings.slot);
  if (settings.order == impair::Order::kNetem) keys.put("order", word_for(settings.order, kOrderWords));
  if (settings.seed) keys.put("seed", std::to_string(*settings.seed));
  return keys.take();
}

std::string to_text(const impair::Settings& settings) {
  std::string text;
  for (const auto& [key, value] : to_keys(settings)) {
    text.append(text.empty() ? "" : " ").append(key).append("=").append(value);
  }
  return text;
}

}  // namespace sennit::config
