#include "client/silence.hpp"

#include <utility>

namespace sennit::client {

Silence::Silence(io::Driver& driver, std::function<void(std::chrono::seconds)> say)
    : timer_(driver.io_context()), say_(std::move(say)) {}

void Silence::begin() {
  if (!std::exchange(silent_, true)) say_after(kFirstWord, kFirstWord);
}

void Silence::end() {
  silent_ = false;
  timer_.cancel();
}

void Silence::say_after(std::chrono::seconds silence, std::chrono::seconds wait) {
  timer_.expires_after(wait);
  timer_.async_wait([this, silence](const boost::system::error_code& error) {
    if (error || !silent_) return;
    say_(silence);
    say_after(silence + kNextWord, kNextWord);
  });
}

}  // namespace sennit::client
