// Virtual time and the core of the network: an event queue ordered by time then insertion, and delivery by
// address. The core itself is perfect and takes no time; what a line does to datagrams is AccessLine's and
// VirtualLink's. Nothing here sleeps or reads a clock: an hour runs as fast as its events. Invariant: two
// runs with the same seed and the same calls see the same events in the same order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/address.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"

namespace sennit::sim {

struct Datagram {
  base::SocketAddress source;
  base::SocketAddress destination;
  std::vector<std::uint8_t> bytes;
};

class Network {
 public:
  using Action = std::function<void()>;
  using Receiver = std::function<void(Datagram)>;

  explicit Network(std::uint64_t seed) : rng_(seed) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Both clocks as a host reads them.
  base::Now now() const { return {now_, wall_start_ + (now_ - base::Instant{}) + wall_step_}; }
  // Sets everybody's wall clock forward or back.
  void step_wall_clock(base::Duration by) { wall_step_ += by; }
  // The source of every random decision of the run.
  base::Rng& rng() { return rng_; }

  void at(base::Instant when, Action action);
  void after(base::Duration wait, Action action) { at(now_ + wait, std::move(action)); }
  void run_for(base::Duration duration);
  // Runs until the condition holds; false when it did not within `limit`. It is asked after every event.
  bool run_until(const std::function<bool()>& condition, base::Duration limit);

  // Datagrams to this socket address, or to any port of this address, go there.
  void bind(const base::SocketAddress& address, Receiver receiver) {
    sockets_[address] = std::move(receiver);
  }
  void bind(const base::IpAddress& address, Receiver receiver) { addresses_[address] = std::move(receiver); }
  void unbind(const base::SocketAddress& address) { sockets_.erase(address); }
  void unbind(const base::IpAddress& address) { addresses_.erase(address); }
  // Delivers at once; to nobody where nothing is bound. The source is believed: an attacker may write any.
  void send(Datagram datagram);

 private:
  using Key = std::pair<base::Instant, std::uint64_t>;
  void run_next();

  base::Rng rng_;
  base::Instant now_{std::chrono::seconds(1000)};
  base::WallTime wall_start_{std::chrono::seconds(1'800'000'000)};
  base::Duration wall_step_{};
  std::uint64_t inserted_ = 0;
  std::map<Key, Action> events_;
  std::unordered_map<base::SocketAddress, Receiver> sockets_;
  std::unordered_map<base::IpAddress, Receiver> addresses_;
};

}  // namespace sennit::sim
