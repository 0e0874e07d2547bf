#include "tunnel/endpoint.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "tunnel/endpoint_state.hpp"

namespace sennit::tunnel {

namespace {

// So that packets do not wait for the timers of thousands.
constexpr std::size_t kMaxPeersPerTimeout = 128;

}  // namespace

Endpoint::Endpoint(EndpointConfig config, base::Now now)
    : state_(std::make_unique<State>(std::move(config), now)) {}
Endpoint::~Endpoint() = default;
Endpoint::Endpoint(Endpoint&&) noexcept = default;
Endpoint& Endpoint::operator=(Endpoint&&) noexcept = default;

void Endpoint::handle_tun(std::span<const base::OutboundPacket> batch, base::Now now) {
  state_->begin(now.monotonic);
  for (const auto& packet : batch) state_->handle_tun_packet(packet, now.monotonic);
  state_->settle(now.monotonic);
}

void Endpoint::handle_datagrams(std::span<const base::InboundDatagram> batch, base::Now now) {
  state_->begin(now.monotonic);
  auto& links = state_->links;
  for (const auto& datagram : batch)
    if (links.is_idle() || !links.hold(datagram, now.monotonic)) state_->handle_datagram(datagram, now);
  state_->release_datagrams(now);
  state_->settle(now.monotonic);
}

void Endpoint::handle_stray(const Stray& stray, base::Now now) {
  state_->begin(now.monotonic);
  if (const auto* packet = std::get_if<base::OutboundPacket>(&stray.what))
    state_->handle_tun_packet(*packet, now.monotonic);
  else
    state_->handle_stray_datagram(std::get<base::InboundDatagram>(stray.what), now);
  state_->settle(now.monotonic);
}

void Endpoint::handle_timeout(base::Now now) {
  state_->begin(now.monotonic);
  state_->release_datagrams(now);
  if (state_->connector) state_->connector->handle_timeout(now);
  // The rest is still due, and the next call's.
  for (std::size_t count = 0; count < kMaxPeersPerTimeout; ++count) {
    const auto due = state_->wakeups.pop_due(now.monotonic);
    if (!due) break;
    Peer& peer = *state_->peers[due->value];
    peer.handle_timeout(now.monotonic);
    state_->index_sessions(peer);
    state_->touch(peer);
  }
  state_->settle(now.monotonic);
}

base::Instant Endpoint::next_wakeup() const {
  const auto impaired = std::min(state_->out.devices.next_wakeup(), state_->links.next_wakeup());
  const auto next = std::min(state_->wakeups.next(), impaired);
  return state_->connector ? std::min(next, state_->connector->next_wakeup()) : next;
}

std::span<const base::Transmit> Endpoint::poll_transmit() {
  const auto transmits = state_->out.transmit.drain();
  return state_->is_closed ? transmits : state_->links.pass(transmits, state_->called_at);
}

std::span<const base::InboundPacket> Endpoint::poll_tun() {
  if (state_->inbound_taken) return {};
  state_->inbound_taken = true;
  return state_->out.inbound();
}

std::optional<Event> Endpoint::poll_event() {
  auto& events = state_->out.events;
  if (events.empty()) return std::nullopt;
  auto event = std::move(events.front());
  events.pop_front();
  return event;
}

std::span<const Stray> Endpoint::poll_strays() {
  if (state_->strays_taken) return {};
  state_->strays_taken = true;
  return state_->out.strays;
}

template <class Change>
void Endpoint::State::change_links(base::Instant now, Change change) {
  if (!connector) return;
  begin(now);
  change(*connector);
  touch(*peers.front());
  settle(now);
}

void Endpoint::set_gateway_addresses(std::vector<GatewayAddress> addresses, base::Now now) {
  state_->change_links(now.monotonic, [&](Connector& connector) {
    connector.set_gateway_addresses(std::move(addresses), now.monotonic);
  });
}

void Endpoint::attach_link(base::LinkId link, const Attachment& attachment, base::Now now) {
  state_->links.attach(link, attachment);
  state_->change_links(now.monotonic,
                       [&](Connector& connector) { connector.attach(link, attachment, now.monotonic); });
}

void Endpoint::detach_link(base::LinkId link, base::Now now) {
  state_->change_links(now.monotonic, [&](Connector& connector) { connector.detach(link, now.monotonic); });
}

void Endpoint::enable_link(base::LinkId link, base::Now now) {
  state_->change_links(now.monotonic, [&](Connector& connector) { connector.enable(link, now.monotonic); });
}

void Endpoint::disable_link(base::LinkId link, base::Now now) {
  state_->change_links(now.monotonic, [&](Connector& connector) { connector.disable(link, now.monotonic); });
}

void Endpoint::configure_link(const LinkConfig& link, base::Now now) {
  state_->change_links(now.monotonic,
                       [&](Connector& connector) { connector.configure(link, now.monotonic); });
}

void Endpoint::impair_link(base::LinkId link, device::Direction direction,
                           const std::optional<impair::Settings>& settings, base::Now now) {
  state_->links.impair(link, direction, settings, now.monotonic);
}

void Endpoint::change_policies(const std::vector<PolicyConfig>& policies) {
  state_->change_policies(policies);
}

void Endpoint::add_device(const base::DeviceAddresses& device) {
  state_->out.devices.add(device);
}

void Endpoint::impair_device(const base::DeviceMatch& match, device::Direction direction,
                             const std::optional<impair::Settings>& settings, base::Now now) {
  state_->out.devices.impair(match, direction, settings, now.monotonic);
}

void Endpoint::remove_device(const base::DeviceMatch& match, base::Now now) {
  state_->out.devices.remove(match, now.monotonic);
}

void Endpoint::start_capture(const base::DeviceMatch& match, base::Now now) {
  state_->out.devices.start_capture(match, now.monotonic);
}

std::optional<device::Captured> Endpoint::take_captured(const base::DeviceMatch& match) {
  return state_->out.devices.take_captured(match);
}

void Endpoint::stop_capture(const base::DeviceMatch& match, base::Now now) {
  state_->out.devices.stop_capture(match, now.monotonic);
}

void Endpoint::add_filter(device::FilterId id, const device::Filter& filter, base::Now now) {
  state_->out.devices.add_filter(id, filter, now.monotonic);
}

void Endpoint::remove_filter(device::FilterId id, base::Now now) {
  state_->out.devices.remove_filter(id, now.monotonic);
}

std::vector<device::FilterReport> Endpoint::report_filters() const {
  return state_->out.devices.report_filters();
}

device::Captured Endpoint::take_recorded(device::FilterId id) {
  return state_->out.devices.take_recorded(id);
}

void Endpoint::note_too_big(const base::Route& route, std::size_t size, base::Now now) {
  for (auto& peer : state_->peers) {
    if (peer->note_too_big(route, size, now.monotonic)) state_->touch(*peer);
  }
  state_->settle(now.monotonic);
}

void Endpoint::count_drop(base::DropReason reason, std::uint64_t packets) {
  state_->out.drops.count(reason, packets);
}

void Endpoint::close(base::Now now) {
  state_->begin(now.monotonic);
  state_->is_closed = true;
  for (auto& peer : state_->peers) peer->close(now.monotonic);
}

EndpointReport Endpoint::report(base::Now now) const {
  EndpointReport report;
  report.mtu = state_->mtu;
  report.addresses = state_->own_addresses;
  report.drops = state_->out.drops;
  report.devices = state_->out.devices.report();
  report.impaired_links = state_->links.report();
  for (const auto& peer : state_->peers) report.peers.push_back(peer->report(now.monotonic));
  return report;
}

std::uint64_t Endpoint::last_timestamp() const {
  return state_->connector ? state_->connector->last_timestamp() : 0;
}

}  // namespace sennit::tunnel
