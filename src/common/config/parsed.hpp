// The outcome of reading one value from text: the value, or why not and what is allowed instead.
// Stands under every parser of config; knows neither files nor the command line.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace sennit::config {

// Why a text was refused, and what may stand there instead.
struct Invalid {
  std::string wrong;
  std::string allowed;
};

// "'12x' is not a rate; allowed: …".
inline std::string to_string(const Invalid& invalid) {
  return invalid.wrong + "; allowed: " + invalid.allowed;
}

// A value or an Invalid; ask before taking the value.
template <class T>
class Parsed {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a parser returns either one plainly.
  Parsed(T value) : outcome_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Parsed(Invalid invalid) : outcome_(std::in_place_index<1>, std::move(invalid)) {}

  explicit operator bool() const { return outcome_.index() == 0; }
  const T& operator*() const { return std::get<0>(outcome_); }
  const T* operator->() const { return &std::get<0>(outcome_); }
  const Invalid& invalid() const { return std::get<1>(outcome_); }

 private:
  std::variant<T, Invalid> outcome_;
};

}  // namespace sennit::config
