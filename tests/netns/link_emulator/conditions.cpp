#include "link_emulator/conditions.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "config/values.hpp"

namespace link_emulator {

namespace {

namespace config = sennit::config;
using Setter = bool (*)(std::string_view value, Conditions& conditions);

// Stores what a parser made of the value, where it made something of it.
template <class Value, class Target>
bool store(const config::Parsed<Value>& parsed, Target& target) {
  if (!parsed) return false;
  target = *parsed;
  return true;
}

bool store_share(std::string_view value, double& target) {
  const auto share = config::parse_share(value);
  if (share) target = share->fraction;
  return bool{share};
}

bool set_rate(std::string_view value, Conditions& conditions) {
  return store(config::parse_rate(value), conditions.rate);
}

bool set_queue(std::string_view value, Conditions& conditions) {
  conditions.queue_time.reset();
  conditions.queue_bytes.reset();
  return store(config::parse_duration(value), conditions.queue_time) ||
         store(config::parse_size(value), conditions.queue_bytes);
}

bool set_delay(std::string_view value, Conditions& conditions) {
  return store(config::parse_duration(value), conditions.delay);
}

bool set_jitter(std::string_view value, Conditions& conditions) {
  return store(config::parse_duration(value), conditions.jitter);
}

bool set_loss(std::string_view value, Conditions& conditions) {
  return store_share(value, conditions.loss);
}

bool set_bursts(std::string_view value, Conditions& conditions) {
  GilbertElliott model;
  const std::array targets{&model.enter_bad, &model.leave_bad, &model.loss_in_bad, &model.loss_in_good};
  std::size_t count = 0;
  for (std::size_t start = 0; start <= value.size(); ++count) {
    const auto end = std::min(value.find('/', start), value.size());
    if (count == targets.size() || !store_share(value.substr(start, end - start), *targets.at(count)))
      return false;
    start = end + 1;
  }
  conditions.bursts = model;
  return count >= 2;
}

bool set_policer(std::string_view value, Conditions& conditions) {
  return store(config::parse_rate(value), conditions.policer);
}

bool set_policer_burst(std::string_view value, Conditions& conditions) {
  return store(config::parse_size(value), conditions.policer_burst);
}

bool set_silence(std::string_view value, Conditions& conditions) {
  conditions.is_silent = value == "on";
  return value == "on" || value == "off";
}

// A key: how its value is taken, and how its default comes back.
struct Key {
  Setter set;
  void (*reset)(Conditions& conditions);
};

template <auto... Members>
void reset(Conditions& conditions) {
  const Conditions defaults;
  ((conditions.*Members = defaults.*Members), ...);
}

const std::map<std::string_view, Key, std::less<>> kKeys{
    {"rate", {set_rate, reset<&Conditions::rate>}},
    {"queue", {set_queue, reset<&Conditions::queue_time, &Conditions::queue_bytes>}},
    {"delay", {set_delay, reset<&Conditions::delay>}},
    {"jitter", {set_jitter, reset<&Conditions::jitter>}},
    {"loss", {set_loss, reset<&Conditions::loss>}},
    {"gilbert-elliott", {set_bursts, reset<&Conditions::bursts>}},
    {"policer", {set_policer, reset<&Conditions::policer>}},
    {"policer-burst", {set_policer_burst, reset<&Conditions::policer_burst>}},
    {"silence", {set_silence, reset<&Conditions::is_silent>}},
};

}  // namespace

std::optional<std::string> apply(std::string_view words, Conditions& conditions) {
  Conditions changed = conditions;
  std::istringstream stream{std::string(words)};
  for (std::string word; stream >> word;) {
    const auto equals = std::min(word.find('='), word.size());
    const auto key = kKeys.find(word.substr(0, equals));
    if (key == kKeys.end() || equals == word.size()) return "'" + word + "' is not a setting";
    const auto value = word.substr(equals + 1);
    if (value == "none")
      key->second.reset(changed);
    else if (!key->second.set(value, changed))
      return "'" + word + "' has no such value";
  }
  conditions = changed;
  return std::nullopt;
}

}  // namespace link_emulator
