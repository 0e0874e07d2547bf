// Says that the gateway has not answered for a while, again and again until it does. Told by Client whether
// it answers; decides nothing else. Invariant: between two calls of the callback lie at least 60 seconds,
// unless the gateway has answered meanwhile.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "base/time.hpp"
#include "io/driver.hpp"

namespace sennit::client {

// How long a gateway may be silent before it is worth a word.
inline constexpr std::chrono::seconds kFirstWord{5};
inline constexpr std::chrono::seconds kNextWord{60};

class Silence {
 public:
  // `say` is called while the gateway is silent, with how long it has been.
  Silence(io::Driver& driver, std::function<void(std::chrono::seconds)> say);

  // The gateway is silent from now on, if it was not before.
  void begin();
  // The gateway answers.
  void end();

 private:
  void say_after(std::chrono::seconds silence, std::chrono::seconds wait);

  boost::asio::steady_timer timer_;
  std::function<void(std::chrono::seconds)> say_;
  bool silent_ = false;
};

}  // namespace sennit::client
