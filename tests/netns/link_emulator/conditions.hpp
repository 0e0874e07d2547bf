// What one direction of an emulated access line is like now, and the words that say so. No time, no frames.
// A packet of N bytes counts as N, IP header included, Ethernet header not. Every key takes `none` for its
// default. Invariant: a text that is refused changes nothing.
//   rate=RATE queue=DURATION|SIZE delay=DURATION jitter=DURATION loss=SHARE policer=RATE policer-burst=SIZE
//   gilbert-elliott=ENTER/LEAVE[/LOSS_IN_BAD[/LOSS_IN_GOOD]] (shares) silence=on|off
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "base/units.hpp"

namespace link_emulator {

namespace base = sennit::base;

// Gilbert's and Elliott's model: a good and a bad state, each with its own share of loss.
struct GilbertElliott {
  double enter_bad = 0;
  double leave_bad = 1;
  double loss_in_bad = 1;
  double loss_in_good = 0;
};

struct Conditions {
  std::optional<base::BitRate> rate;  // none: without limit, and without queue
  // Whoever would wait longer in front of the wire is dropped, and so is who meets more bytes.
  std::optional<base::Duration> queue_time = std::chrono::milliseconds(100);
  std::optional<base::Bytes> queue_bytes;
  base::Duration delay{};
  base::Duration jitter{};  // added to the delay, uniform below this; order is kept
  double loss = 0;          // on the wire: who is lost has used it
  std::optional<GilbertElliott> bursts;
  std::optional<base::BitRate> policer;  // in front of the queue; drops and never delays
  base::Bytes policer_burst{32'000};
  bool is_silent = false;  // nothing arrives, not even what is on its way
};

// Changes the conditions by `key=value` words; returns why not, or nothing.
std::optional<std::string> apply(std::string_view words, Conditions& conditions);

}  // namespace link_emulator
