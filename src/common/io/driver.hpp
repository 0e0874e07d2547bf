// The loop that waits: readiness of descriptors, one wake-up time, and the signals that ask to stop.
// Every shell has one a thread; it owns the io_context, on which the control socket runs too.
// Reads and writes nothing itself, and never owns a descriptor that it watches.
// Invariant: a watched descriptor that still has something to read is reported again.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/fd.hpp"
#include "base/time.hpp"

namespace sennit::io {

class Driver {
 public:
  Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  ~Driver();

  // Calls `on_readable` whenever `fd` is readable or broken. Unwatch it before closing it.
  void watch(int fd, std::function<void()> on_readable);
  // May be called from any callback, its own included. An fd that is not watched is ignored.
  void unwatch(int fd);

  // Calls the on_wakeup function once when `when` (of read_clock) is reached; replaces the time set before.
  void set_wakeup(base::Instant when);
  void on_wakeup(std::function<void()> callback) { on_wakeup_ = std::move(callback); }
  // What the stop signals do, from now on, in run(), which they may precede; without it they end the program
  // as usual.
  void on_stop(std::function<void()> callback);
  // SIGINT, SIGTERM and SIGHUP; the last only where it was not ignored when on_stop() was called, as `nohup`
  // asks.
  std::span<const int> stop_signals() const { return stop_signals_; }

  // Runs callbacks until stop().
  void run();
  void stop() { context_.stop(); }
  boost::asio::io_context& io_context() { return context_; }

 private:
  struct Watch {
    Watch(boost::asio::io_context& context, int fd, std::function<void()> callback)
        : descriptor(context, fd), on_readable(std::move(callback)) {}
    boost::asio::posix::stream_descriptor descriptor;
    std::function<void()> on_readable;
    bool active = true;
  };

  static void release(Watch& watch);
  static void arm(const std::shared_ptr<Watch>& watch);
  void arm_signals();
  void wake_up();

  boost::asio::io_context context_{1};
  base::FileDescriptor timer_;
  base::Instant wakeup_ = base::kNever;
  std::vector<int> stop_signals_;
  boost::asio::signal_set signals_{context_};
  std::unordered_map<int, std::shared_ptr<Watch>> watches_;
  std::function<void()> on_wakeup_;
  std::function<void()> on_stop_;
};

}  // namespace sennit::io
