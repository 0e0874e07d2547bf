// When the hosts may go out without the tunnel: after the gateway has been silent for so long, and until it
// answers again (`fallback = "direct"`). A timer and its verdict; Client tells it whether the gateway answers
// and moves the routes. Invariant: without a wish for it there is none, since what goes out directly is not
// protected by the tunnel.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "base/time.hpp"
#include "io/driver.hpp"

namespace sennit::client {

class DirectWay {
 public:
  // `changed` is called when is_open() has changed; `after` none: never.
  DirectWay(io::Driver& driver, std::optional<base::Duration> after, std::function<void()> changed);

  // The gateway is silent from now on, if it was not before.
  void note_silent();
  void note_answering();
  // May hosts go out directly now?
  bool is_open() const { return is_open_; }

 private:
  void open();

  boost::asio::steady_timer timer_;
  std::optional<base::Duration> after_;
  std::function<void()> changed_;
  bool is_silent_ = false;
  bool is_open_ = false;
};

}  // namespace sennit::client
