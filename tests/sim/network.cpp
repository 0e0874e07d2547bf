#include "sim/network.hpp"

#include <algorithm>

namespace sennit::sim {

void Network::at(base::Instant when, Action action) {
  events_.emplace(Key{std::max(when, now_), inserted_++}, std::move(action));
}

void Network::run_next() {
  auto event = events_.extract(events_.begin());
  now_ = event.key().first;
  event.mapped()();
}

void Network::run_for(base::Duration duration) {
  const auto end = now_ + duration;
  while (!events_.empty() && events_.begin()->first.first <= end) run_next();
  now_ = end;
}

bool Network::run_until(const std::function<bool()>& condition, base::Duration limit) {
  const auto end = now_ + limit;
  while (!condition()) {
    if (events_.empty() || events_.begin()->first.first > end) {
      now_ = end;
      return condition();
    }
    run_next();
  }
  return true;
}

void Network::send(Datagram datagram) {
  if (const auto socket = sockets_.find(datagram.destination); socket != sockets_.end()) {
    socket->second(std::move(datagram));
    return;
  }
  const auto address = addresses_.find(datagram.destination.address);
  if (address != addresses_.end()) address->second(std::move(datagram));
}

}  // namespace sennit::sim
