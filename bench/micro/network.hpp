// A gateway and its clients in memory, sessions established and every path up, for benchmarks of whole
// endpoints. Time is invented; datagrams are carried by hand. Made once for each size and kept, since
// thousands of handshakes take seconds.
#pragma once

#include <memory>
#include <vector>

#include "tunnel/endpoint.hpp"

namespace sennit::bench {

// Datagrams on their way, each in a buffer of its own, as a receiving socket would hand them over.
class Datagrams {
 public:
  void clear() { size_ = 0; }
  void add(base::SocketId socket, const base::SocketAddress& remote, base::ConstByteSpan bytes);
  std::span<const base::InboundDatagram> all();
  std::size_t size() const { return size_; }

 private:
  struct Held {
    base::SocketId socket;
    base::SocketAddress remote;
    std::vector<std::uint8_t> bytes;
  };
  std::vector<Held> held_;
  std::size_t size_ = 0;
  std::vector<base::InboundDatagram> views_;
};

class Network {
 public:
  Network(std::size_t clients, std::size_t paths);
  // The one of this size.
  static Network& of(std::size_t clients, std::size_t paths);

  base::Now now() const { return {now_, {}}; }
  std::size_t clients() const { return clients_.size(); }
  tunnel::Endpoint& gateway() { return *gateway_; }
  tunnel::Endpoint& client(std::size_t index) { return *clients_[index]; }
  static base::IpAddress gateway_inner();
  static base::IpAddress client_inner(std::size_t index);

  // So much later, and whatever was due or is on its way between the gateway and the first client has been
  // done.
  void pass(base::Duration time);

  // Everything this client has to send, as the gateway receives it.
  void take_from_client(std::size_t index, Datagrams& out);
  // Everything the gateway has to send, as the clients receive it. Meant for a network of one client.
  void take_from_gateway(Datagrams& out);

 private:
  void connect(std::size_t index, std::size_t paths);
  bool is_up(std::size_t index) const;
  void exchange(std::size_t index);

  base::Instant now_;
  crypto::PrivateKey gateway_key_;
  std::vector<crypto::PrivateKey> client_keys_;
  std::unique_ptr<tunnel::Endpoint> gateway_;
  std::vector<std::unique_ptr<tunnel::Endpoint>> clients_;
};

}  // namespace sennit::bench
