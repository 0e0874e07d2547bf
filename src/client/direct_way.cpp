#include "client/direct_way.hpp"

#include <utility>

namespace sennit::client {

DirectWay::DirectWay(io::Driver& driver, std::optional<base::Duration> after, std::function<void()> changed)
    : timer_(driver.io_context()), after_(after), changed_(std::move(changed)) {}

void DirectWay::note_silent() {
  if (!after_ || std::exchange(is_silent_, true)) return;
  timer_.expires_after(*after_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && is_silent_) open();
  });
}

void DirectWay::note_answering() {
  is_silent_ = false;
  timer_.cancel();
  if (std::exchange(is_open_, false)) changed_();
}

void DirectWay::open() {
  is_open_ = true;
  changed_();
}

}  // namespace sennit::client
