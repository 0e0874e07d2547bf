// Somebody on the way: sees what leaves a line, keeps it, and sends what he likes under any source address.
// Counts what comes back to his own address: nothing may be answered with more than was sent.
#pragma once

#include <vector>

#include "sim/access_line.hpp"
#include "sim/network.hpp"

namespace sennit::sim {

class Attacker {
 public:
  using Bytes = std::vector<std::uint8_t>;

  Attacker(Network& network, const base::SocketAddress& address);
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;

  // Records everything that leaves this line, either way.
  void listen(AccessLine& line);
  const std::vector<Datagram>& captured() const { return captured_; }
  void forget() { captured_.clear(); }
  // Of what was captured, what went to this address.
  std::vector<Datagram> captured_to(const base::SocketAddress& destination) const;

  // From the attacker's own address.
  void send(const base::SocketAddress& destination, Bytes bytes);
  // From an address of his choice; no answer will reach him.
  void send_as(const base::SocketAddress& source, const base::SocketAddress& destination, Bytes bytes);

  std::uint64_t bytes_sent() const { return bytes_sent_; }
  // What was answered to the attacker's own address.
  std::uint64_t bytes_answered() const { return bytes_answered_; }
  const std::vector<Bytes>& answers() const { return answers_; }

 private:
  Network& network_;
  base::SocketAddress address_;
  std::vector<Datagram> captured_;
  std::vector<Bytes> answers_;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_answered_ = 0;
};

}  // namespace sennit::sim
