// A whole client or gateway without I/O: bytes and time in, bytes and events out. The shell (client/,
// server/) pumps it; the simulator does the same in virtual time. One thread at a time; nothing here blocks,
// logs, or reads a clock.
//
//   TUN -> handle_tun()        -> classify, filter, impair, split, schedule, seal  -> poll_transmit() -> UDP
//   UDP -> handle_datagrams()  -> open, reassemble, filter, impair, coalesce       -> poll_tun()      -> TUN
//
// Several endpoints may share a gateway's peers (share.hpp).
// Invariant: after any call, everything there is to send has been queued; next_wakeup() tells when to call
// again.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/drop.hpp"
#include "base/packet.hpp"
#include "base/time.hpp"
#include "tunnel/endpoint_config.hpp"
#include "tunnel/event.hpp"
#include "tunnel/report.hpp"

namespace sennit::tunnel {

class Endpoint {
 public:
  Endpoint(EndpointConfig config, base::Now now);
  ~Endpoint();
  Endpoint(Endpoint&&) noexcept;
  Endpoint& operator=(Endpoint&&) noexcept;

  // Inner packets and superpackets from the TUN device. Each has base::kHeadroom writable bytes in front;
  // both may be overwritten.
  void handle_tun(std::span<const base::OutboundPacket> batch, base::Now now);
  // Datagrams from the sockets. They are opened in place.
  void handle_datagrams(std::span<const base::InboundDatagram> batch, base::Now now);
  // Gateway: what another endpoint gave up as this one's; may be overwritten.
  void handle_stray(const Stray& stray, base::Now now);
  // Call when next_wakeup() has come (earlier does no harm).
  void handle_timeout(base::Now now);
  base::Instant next_wakeup() const;

  // Datagrams to send; valid until the next call of a handle_*() or link function. Each is returned once.
  std::span<const base::Transmit> poll_transmit();
  // Inner packets for the TUN device; valid likewise, and only as long as the batch they came in. Each is
  // returned once.
  std::span<const base::InboundPacket> poll_tun();
  std::optional<Event> poll_event();
  // Gateway: what another endpoint has to handle; valid only as long as the batch it came in. Each is
  // returned once.
  std::span<const Stray> poll_strays();

  // Client: the gateway's addresses, first choice first. May change (name resolved again).
  void set_gateway_addresses(std::vector<GatewayAddress> addresses, base::Now now);
  // Client: the link is there, or its sockets, MTU or addresses changed.
  void attach_link(base::LinkId link, const Attachment& attachment, base::Now now);
  // Client: the link is gone.
  void detach_link(base::LinkId link, base::Now now);
  // Client: `sennit link up|down|set`.
  void enable_link(base::LinkId link, base::Now now);
  void disable_link(base::LinkId link, base::Now now);
  void configure_link(const LinkConfig& link, base::Now now);

  // Client: the impairment of one direction of a link, down being towards the client; none: no more. Every
  // datagram of the link meets it, whatever it carries.
  void impair_link(base::LinkId link, device::Direction direction,
                   const std::optional<impair::Settings>& settings, base::Now now);

  // What each of the configured policies matches from now on; the rest of them stays.
  void change_policies(const std::vector<PolicyConfig>& policies);
  // A device whose traffic may be impaired, or other addresses for one that is known. A gateway's devices are
  // beyond the tunnel, a client's on its own side.
  void add_device(const base::DeviceAddresses& device);
  // Replaces the impairment of one direction, without a gap; none: no more.
  void impair_device(const base::DeviceMatch& match, device::Direction direction,
                     const std::optional<impair::Settings>& settings, base::Now now);
  // Its packets go unimpaired from now on; those on their way still come out, in order.
  void remove_device(const base::DeviceMatch& match, base::Now now);

  // Copies of a known device's packets, until stop_capture() or remove_device() (device/capture.hpp).
  void start_capture(const base::DeviceMatch& match, base::Now now);
  // None: it is not captured.
  std::optional<device::Captured> take_captured(const base::DeviceMatch& match);
  void stop_capture(const base::DeviceMatch& match, base::Now now);

  // A filter behind those that are there (device/filters.hpp); the devices that it names are known.
  void add_filter(device::FilterId id, const device::Filter& filter, base::Now now);
  void remove_filter(device::FilterId id, base::Now now);
  // What a recording filter kept since the last time.
  device::Captured take_recorded(device::FilterId id);
  std::vector<device::FilterReport> report_filters() const;

  // The kernel answered EMSGSIZE to a datagram of `size` bytes on this route.
  void note_too_big(const base::Route& route, std::size_t size, base::Now now);
  // Drops that happened in the shell.
  void count_drop(base::DropReason reason, std::uint64_t packets);
  // Says goodbye to every peer; send what poll_transmit() gives, then destroy.
  void close(base::Now now);

  EndpointReport report(base::Now now) const;
  // Client: to be handed to the next run as EndpointConfig::last_timestamp.
  std::uint64_t last_timestamp() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sennit::tunnel
