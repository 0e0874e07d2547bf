// Moves bytes between the kernel and the sans-IO endpoint: TUN and UDP sockets on one side, tunnel::Endpoint
// on the other. Client and gateway each have one; it owns the sockets and the endpoint, and watches them on
// the driver.
//
//   TUN readable -> handle_tun | socket readable -> handle_datagrams | timer -> handle_timeout   then flush()
//
// Invariant: after every call into the endpoint its output is flushed, so no view of a slab outlives its
// batch. Work a wake-up is bounded, so that neither direction starves the other; the clock is read once a
// wake-up.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <unordered_map>

#include "api/status.hpp"
#include "base/packet.hpp"
#include "base/time.hpp"
#include "io/datagram_slab.hpp"
#include "io/driver.hpp"
#include "io/packet_slab.hpp"
#include "io/tun_device.hpp"
#include "io/udp_socket.hpp"
#include "tunnel/endpoint.hpp"

namespace sennit::shell {

class Pump {
 public:
  using EventHandler = std::function<void(const tunnel::Event&)>;
  using StrayHandler = std::function<bool(const tunnel::Stray&)>;

  // Starts watching the TUN device. All three must outlive the pump; `offload` is for sockets.
  Pump(io::Driver& driver, io::TunDevice& tun, tunnel::Endpoint& endpoint, io::UdpOffload offload);
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;
  ~Pump();

  // Who hears the endpoint's events; set before the driver runs.
  void on_event(EventHandler handler) { on_event_ = std::move(handler); }
  // Who gets what another endpoint has to handle, and says whether there was room for it.
  void on_stray(StrayHandler handler) { on_stray_ = std::move(handler); }

  // Opens a socket and pumps it; its number is chosen here. Throws base::Error where the kernel refuses.
  base::SocketId open_socket(io::UdpOptions options);
  // Of sockets that share a port: UdpSocket::steer() by way of the first of them.
  void steer(base::SocketId id, std::span<const sock_filter> program);
  // What was on its way to this socket is dropped and counted.
  void close_socket(base::SocketId id);
  // As bound; no family where the socket has been closed.
  base::SocketAddress local_address(base::SocketId id) const;

  // Calls the endpoint's functions that are not part of the data path, and sends what comes of it.
  void apply(const std::function<void(tunnel::Endpoint&, base::Now)>& change);
  const tunnel::Endpoint& endpoint() const { return endpoint_; }
  // Which offloads the kernel has granted so far.
  api::OffloadStatus offload() const;

 private:
  void pump_tun();
  void pump_socket(io::UdpSocket& socket);
  void pump_timeout();
  void flush(base::Now now);
  bool flush_once(base::Now now);
  bool send(std::span<const base::Transmit> transmits, base::Now now);
  void send_over(base::SocketId id, std::span<const base::Transmit> transmits);
  void write_tun(std::span<const base::InboundPacket> packets);
  void pass_strays();
  void deliver_events();

  io::Driver& driver_;
  io::TunDevice& tun_;
  tunnel::Endpoint& endpoint_;
  io::UdpOffload offload_;
  EventHandler on_event_;
  StrayHandler on_stray_;
  std::unordered_map<base::SocketId, std::unique_ptr<io::UdpSocket>> sockets_;
  std::uint32_t next_socket_ = 1;
  io::PacketSlab packets_;
  io::DatagramSlab datagrams_;
  std::vector<io::OversizedDatagram> oversized_;
  std::uint64_t counted_oversized_ = 0;
};

}  // namespace sennit::shell
