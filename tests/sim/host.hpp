// A machine with an endpoint, a TUN device and sockets: the simulator's counterpart of client/ and server/.
// Pumps the endpoint as the shell does: after each call everything is taken out, and next_wakeup() is obeyed.
// Datagrams that arrive at the same instant are handed over as one batch.
// Invariant: the endpoint is called only at its own wake-ups, and when something arrived; one that asks to be
// woken over and over without time passing is a bug and ends the run.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "sim/access_line.hpp"
#include "sim/device.hpp"
#include "sim/network.hpp"
#include "tunnel/endpoint.hpp"

namespace sennit::sim {

class Host : public Device {
 public:
  Host(Network& network, tunnel::EndpointConfig endpoint_config);

  // Makes the endpoint; a client attaches its links.
  virtual void start();
  // The process vanishes without a goodbye; sockets and lines stay.
  void kill();
  // An orderly end: closes, sends what there is to send, and is gone.
  void shut_down();
  bool is_running() const { return endpoint_.has_value(); }

  // Calls the endpoint and takes everything out of it.
  void act(const std::function<void(tunnel::Endpoint&, base::Now)>& call);
  // Writes packets into the TUN device, in one batch.
  void send_inner(std::vector<Bytes> packets) override;
  wire::InnerMtu inner_mtu() const override { return report().mtu; }

  tunnel::EndpointReport report() const { return endpoint_->report(local_now()); }
  // Of the peer at this position of the configuration, and of its path with this id (which must exist).
  tunnel::PeerReport peer_report(std::size_t peer = 0) const { return report().peers.at(peer); }
  tunnel::PathReport path_report(std::uint8_t path, std::size_t peer = 0) const;
  std::uint64_t drops(base::DropReason reason) const { return report().drops[reason]; }
  // Everything the endpoint has told, newest last.
  const std::vector<tunnel::Event>& events() const { return events_; }
  template <class Kind>
  std::size_t count_events() const;
  // Down where the endpoint does not run.
  tunnel::PeerState peer_state(std::size_t peer = 0) const;

  // Opens a socket on a line, or directly at the core.
  base::SocketId open(AccessLine& line, base::Family family);
  base::SocketId open(const base::SocketAddress& local);
  void close_socket(base::SocketId id);

  // The host's monotonic clock, as far from the network's and as much faster; before start().
  void set_clock(base::Duration offset, double parts_per_million);

  // From now on what arrives lies in the sockets for up to so long before it is read.
  void be_busy(base::Duration most) { most_lateness_ = most; }

  // What the next start() is given.
  tunnel::EndpointConfig config;

 protected:
  Network& network() { return network_; }

 private:
  struct Socket {
    AccessLine* line = nullptr;  // none: at the core
    base::SocketAddress local;   // on a line: only family and port mean anything
  };
  struct Arrived {
    base::SocketId socket;
    Datagram datagram;
    base::Instant at;
  };

  void receive(base::SocketId id, Datagram datagram);
  void process_arrived();
  void pump();
  void take_transmits();
  void transmit(const base::Route& route, base::ConstByteSpan datagram);
  bool tell_too_big();
  std::vector<Bytes> take_inner();
  void arm_timer();
  void wake();
  base::Now local_now() const;
  // When this clock shows that instant.
  base::Instant network_time(base::Instant local) const;

  Network& network_;
  base::Duration clock_offset_{};
  double clock_drift_ = 0;
  std::optional<tunnel::Endpoint> endpoint_;
  std::map<base::SocketId, Socket> sockets_;
  std::uint32_t next_socket_ = 1;
  std::uint16_t next_port_ = 40'000;
  std::vector<Arrived> arrived_;
  base::Duration most_lateness_{};
  std::vector<std::pair<base::Route, std::size_t>> too_big_;
  std::vector<tunnel::Event> events_;
  base::Instant armed_ = base::kNever;
  base::Instant last_wake_;
  unsigned wakes_at_once_ = 0;
};

template <class Kind>
std::size_t Host::count_events() const {
  std::size_t count = 0;
  for (const auto& event : events_) count += std::holds_alternative<Kind>(event) ? 1U : 0U;
  return count;
}

}  // namespace sennit::sim
