#include "shell/stop_signals.hpp"

#include <csignal>
#include <ctime>

namespace sennit::shell {

namespace {

constexpr time_t kShieldSeconds = 2;
volatile std::sig_atomic_t shield_until = 0;

std::sig_atomic_t seconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::sig_atomic_t>(now.tv_sec);
}

// Only async-signal-safe functions here.
void end_if_late(int signal) {
  if (seconds_now() < shield_until) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

void shield_clean_up() {
  // Whole seconds: one more, so that the shield is never shorter than it says.
  shield_until = seconds_now() + static_cast<std::sig_atomic_t>(kShieldSeconds) + 1;
  struct sigaction action {};
  action.sa_handler = end_if_late;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace sennit::shell
