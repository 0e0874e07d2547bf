#include "shell/stop_signals.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace sennit::shell {
namespace {

TEST(StopSignals, EndARunThatHasNotYetBegun) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    io::Driver driver;
    const StopSignals signals(driver);
    ::raise(signal);
    driver.run();
  }
}

TEST(StopSignals, AreIgnoredWhileTheFirstIsObeyed) {
  io::Driver driver;
  const StopSignals signals(driver);
  ::raise(SIGTERM);
  driver.run();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::raise(signal);
}

}  // namespace
}  // namespace sennit::shell
