#include "io/driver.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>

namespace sennit::io {

namespace {

// A timer on the clock of read_clock(): it also comes due while the machine sleeps. Zero would disarm it.
itimerspec one_shot(base::Instant when) {
  if (when == base::kNever) return {};
  const auto time = std::max(when.time_since_epoch(), base::Duration(1));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {{}, {seconds.count(), (time - seconds).count()}};
}

bool is_ignored(int signal) {
  struct sigaction action {};
  ::sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

Driver::Driver()
    : timer_(base::check_syscall("cannot create a timer",
                                 ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC))) {
  watch(timer_.get(), [this] { wake_up(); });
}

Driver::~Driver() {
  for (const auto& [fd, watch] : watches_) release(*watch);
}

void Driver::watch(int fd, std::function<void()> on_readable) {
  unwatch(fd);
  const auto watch = std::make_shared<Watch>(context_, fd, std::move(on_readable));
  watches_.emplace(fd, watch);
  arm(watch);
}

void Driver::unwatch(int fd) {
  const auto found = watches_.find(fd);
  if (found == watches_.end()) return;
  release(*found->second);
  watches_.erase(found);
}

void Driver::release(Watch& watch) {
  watch.active = false;
  watch.descriptor.release();
}

void Driver::arm(const std::shared_ptr<Watch>& watch) {
  using Descriptor = boost::asio::posix::stream_descriptor;
  watch->descriptor.async_wait(Descriptor::wait_read, [watch](const boost::system::error_code& error) {
    if (error || !watch->active) return;
    watch->on_readable();
    if (watch->active) arm(watch);
  });
}

void Driver::set_wakeup(base::Instant when) {
  if (when == wakeup_) return;
  wakeup_ = when;
  const auto setting = one_shot(when);
  base::check_syscall("timerfd_settime",
                      ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr));
}

void Driver::wake_up() {
  std::uint64_t expirations = 0;
  // Nothing to read: the time was moved after the timer had become readable.
  if (::read(timer_.get(), &expirations, sizeof(expirations)) < 0) return;
  wakeup_ = base::kNever;
  if (on_wakeup_) on_wakeup_();
}

void Driver::on_stop(std::function<void()> callback) {
  on_stop_ = std::move(callback);
  signals_.cancel();
  signals_.clear();
  stop_signals_ = {SIGINT, SIGTERM};
  if (!is_ignored(SIGHUP)) stop_signals_.push_back(SIGHUP);
  for (const int signal : stop_signals_) signals_.add(signal);
  arm_signals();
}

void Driver::arm_signals() {
  signals_.async_wait([this](const boost::system::error_code& error, int /*signal*/) {
    if (error) return;
    on_stop_();
    arm_signals();
  });
}

void Driver::run() {
  context_.restart();
  context_.run();
}

}  // namespace sennit::io
