// A request every interval, answered by the other host: whether both ways work, and how long they take
// together.
#pragma once

#include <chrono>
#include <unordered_map>

#include "sim/device.hpp"
#include "sim/inner_udp.hpp"
#include "sim/network.hpp"
#include "sim/percentiles.hpp"

namespace sennit::sim {

struct PingCounters {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  base::Duration least = base::Duration::max();
  base::Duration most{};
  base::Duration longest_silence{};  // between two answers, or since the last one
};

class Ping {
 public:
  Ping(Network& network, Device& from, Device& to, std::uint16_t number,
       base::Duration interval = std::chrono::milliseconds(100));
  Ping(const Ping&) = delete;
  Ping& operator=(const Ping&) = delete;

  // Sends `count` requests from now on.
  void start(std::uint64_t count);
  PingCounters counters() const;
  // Of every answer, in milliseconds.
  Percentiles& times() { return times_; }
  // Sends no more; what is under way may still be answered.
  void stop() { remaining_ = 0; }
  // Begins to count anew; requests sent before no longer count when they are answered.
  void reset();

 private:
  void tick();
  void answer(base::ConstByteSpan packet);
  void receive(base::ConstByteSpan packet);

  Network& network_;
  Device& from_;
  Device& to_;
  base::SocketAddress near_;
  base::SocketAddress far_;
  base::Duration interval_;
  std::uint64_t remaining_ = 0;
  std::unordered_map<std::uint64_t, base::Instant> waiting_;
  std::uint64_t next_ = 0;
  base::Instant last_answer_;
  PingCounters counters_;
  Percentiles times_;
};

}  // namespace sennit::sim
