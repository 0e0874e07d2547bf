#include "shell/stop_signals.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <ctime>
#include <span>

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

// For signals that are ours already.
void shield_clean_up(std::span<const int> signals) {
  // Whole seconds: one more, so that the shield is never shorter than it says.
  shield_until = seconds_now() + static_cast<std::sig_atomic_t>(kShieldSeconds) + 1;
  struct sigaction action {};
  action.sa_handler = end_if_late;
  action.sa_flags = SA_RESTART;
  for (const int signal : signals) ::sigaction(signal, &action, nullptr);
}

}  // namespace

StopSignals::StopSignals(io::Driver& driver) {
  std::signal(SIGPIPE, SIG_IGN);
  driver.on_stop([&driver] {
    spdlog::info("stopping");
    shield_clean_up(driver.stop_signals());
    driver.stop();
  });
}

}  // namespace sennit::shell
