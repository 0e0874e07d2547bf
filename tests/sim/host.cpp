#include "sim/host.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "outbound/split.hpp"
#include "wire/ip.hpp"

namespace sennit::sim {

Host::Host(Network& network, tunnel::EndpointConfig endpoint_config)
    : config(std::move(endpoint_config)), network_(network) {}

void Host::set_clock(base::Duration offset, double parts_per_million) {
  clock_offset_ = offset;
  clock_drift_ = parts_per_million / 1e6;
}

base::Now Host::local_now() const {
  auto now = network_.now();
  const auto drifted = static_cast<double>(now.monotonic.time_since_epoch().count()) * clock_drift_;
  now.monotonic += clock_offset_ + base::Duration(std::llround(drifted));
  return now;
}

base::Instant Host::network_time(base::Instant local) const {
  if (clock_drift_ == 0) return local - clock_offset_;
  const auto true_time =
      static_cast<double>((local - clock_offset_).time_since_epoch().count()) / (1 + clock_drift_);
  return base::Instant(base::Duration(static_cast<std::int64_t>(std::ceil(true_time))));
}

void Host::start() {
  endpoint_.emplace(config, local_now());
  pump();
}

void Host::kill() {
  if (endpoint_) config.last_timestamp = endpoint_->last_timestamp();
  endpoint_.reset();
  arrived_.clear();
}

void Host::shut_down() {
  act([](tunnel::Endpoint& endpoint, base::Now now) { endpoint.close(now); });
  kill();
}

void Host::act(const std::function<void(tunnel::Endpoint&, base::Now)>& call) {
  if (!endpoint_) return;
  call(*endpoint_, local_now());
  pump();
}

void Host::send_inner(std::vector<Bytes> packets) {
  std::vector<base::OutboundPacket> batch;
  for (auto& packet : packets) {
    packet.insert(packet.begin(), base::kHeadroom, 0);
    batch.push_back({base::ByteSpan(packet).subspan(base::kHeadroom)});
  }
  act([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.handle_tun(batch, now); });
}

tunnel::PeerState Host::peer_state(std::size_t peer) const {
  return endpoint_ ? peer_report(peer).state : tunnel::PeerState::kDown;
}

tunnel::PathReport Host::path_report(std::uint8_t path, std::size_t peer) const {
  const auto paths = peer_report(peer).paths;
  const auto found = std::ranges::find(paths, base::PathId{path}, &tunnel::PathReport::id);
  if (found == paths.end()) throw std::out_of_range("no such path");
  return *found;
}

base::SocketId Host::open(AccessLine& line, base::Family family) {
  const base::SocketId id{next_socket_++};
  const std::uint16_t port = next_port_++;
  sockets_[id] = {&line, {line.subscriber_address(family), port}};
  line.bind(family, port, [this, id](Datagram datagram) { receive(id, std::move(datagram)); });
  return id;
}

base::SocketId Host::open(const base::SocketAddress& local) {
  const base::SocketId id{next_socket_++};
  sockets_[id] = {nullptr, local};
  network_.bind(local, [this, id](Datagram datagram) { receive(id, std::move(datagram)); });
  return id;
}

void Host::close_socket(base::SocketId id) {
  const auto socket = sockets_.find(id);
  if (socket == sockets_.end()) return;
  const auto& [line, local] = socket->second;
  if (line != nullptr)
    line->unbind(local.address.family(), local.port);
  else
    network_.unbind(local);
  sockets_.erase(socket);
}

void Host::receive(base::SocketId id, Datagram datagram) {
  if (!endpoint_) return;
  arrived_.push_back({id, std::move(datagram), network_.now().monotonic});
  if (arrived_.size() > 1) return;
  const auto most = static_cast<std::uint64_t>(most_lateness_.count());
  const base::Duration lateness(most == 0 ? 0 : static_cast<std::int64_t>(network_.rng().below(most)));
  network_.after(lateness, [this] { process_arrived(); });
}

void Host::process_arrived() {
  auto datagrams = std::exchange(arrived_, {});
  std::vector<base::InboundDatagram> batch;
  for (auto& [socket, datagram, at] : datagrams) {
    batch.push_back({socket, datagram.destination.address, datagram.source, datagram.bytes,
                     network_.now().monotonic - at});
  }
  if (!batch.empty()) {
    act([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.handle_datagrams(batch, now); });
  }
}

void Host::transmit(const base::Route& route, base::ConstByteSpan datagram) {
  const auto socket = sockets_.find(route.socket);
  if (socket == sockets_.end()) return;
  const auto& [line, local] = socket->second;
  Bytes bytes(datagram.begin(), datagram.end());
  if (line == nullptr) {
    network_.send({local, route.remote, std::move(bytes)});
    return;
  }
  const auto ip_size = datagram.size() + base::outer_overhead(route.remote.address.family());
  if (ip_size > line->interface_mtu.value)
    too_big_.emplace_back(route, datagram.size());
  else
    line->send(local.port, route.remote, std::move(bytes));
}

void Host::take_transmits() {
  for (const auto& [route, bytes, segment_size] : endpoint_->poll_transmit()) {
    for (std::size_t at = 0; at < bytes.size(); at += segment_size) {
      transmit(route, bytes.subspan(at, std::min(segment_size, bytes.size() - at)));
    }
  }
}

bool Host::tell_too_big() {
  const auto refused = std::exchange(too_big_, {});
  for (const auto& [route, size] : refused) endpoint_->note_too_big(route, size, local_now());
  return !refused.empty();
}

// What the kernel makes of the packets and superpackets.
std::vector<Host::Bytes> Host::take_inner() {
  std::vector<Bytes> packets;
  for (const auto& packet : endpoint_->poll_tun()) {
    Bytes whole(packet.bytes.begin(), packet.bytes.end());
    for (const auto& part : packet.more) whole.insert(whole.end(), part.begin(), part.end());
    const auto ip = wire::IpPacket::parse(whole);
    auto cut = outbound::Splitter::make({whole, packet.offload}, ip.value());
    for (auto one = cut.value().next(); !one.bytes.empty(); one = cut->next())
      packets.emplace_back(one.bytes.begin(), one.bytes.end());
  }
  return packets;
}

void Host::pump() {
  // What came out is taken before anything else is called: the views live no longer.
  const auto packets = take_inner();
  do take_transmits();
  while (tell_too_big());
  while (auto event = endpoint_->poll_event()) events_.push_back(std::move(*event));
  arm_timer();
  for (const auto& packet : packets) hand_over(packet);
}

void Host::arm_timer() {
  const auto wanted = endpoint_->next_wakeup();
  if (wanted == base::kNever || wanted >= armed_) return;
  armed_ = wanted;
  // By one nanosecond the drift may be rounded the wrong way.
  const auto rounding = base::Duration(clock_drift_ == 0 ? 0 : 1);
  network_.at(network_time(wanted) + rounding, [this, wanted] {
    if (armed_ == wanted) wake();
  });
}

void Host::wake() {
  const auto now = local_now().monotonic;
  armed_ = base::kNever;
  if (!endpoint_) return;
  if (endpoint_->next_wakeup() > now) {
    arm_timer();
    return;
  }
  wakes_at_once_ = now == last_wake_ ? wakes_at_once_ + 1 : 0;
  last_wake_ = now;
  if (wakes_at_once_ > 100)
    throw std::logic_error("the endpoint asks to be woken again and again at one instant");
  act([](tunnel::Endpoint& endpoint, base::Now at) { endpoint.handle_timeout(at); });
}

}  // namespace sennit::sim
