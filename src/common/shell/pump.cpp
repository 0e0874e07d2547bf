#include "shell/pump.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "io/clock.hpp"

namespace sennit::shell {

namespace {

// Batches taken from one descriptor before the others have their turn.
constexpr int kBatchesPerWakeup = 4;
constexpr int kTunBatchesPerWakeup = 12;
// What is sealed before it is sent: enough for long runs, little enough for the cache.
constexpr std::size_t kFlushBytes = std::size_t{128} * 1024;
// A datagram that was too big is answered by a smaller one; more rounds than this wait for the next wake-up.
constexpr int kRoundsPerFlush = 4;

const char* name_of(io::TunOffload offload) {
  switch (offload) {
    case io::TunOffload::kOff: return "off";
    case io::TunOffload::kTcp: return "tcp";
    case io::TunOffload::kTcpAndUdp: return "tcp+udp";
  }
  return "off";
}

}  // namespace

Pump::Pump(io::Driver& driver, io::TunDevice& tun, tunnel::Endpoint& endpoint, io::UdpOffload offload)
    : driver_(driver), tun_(tun), endpoint_(endpoint), offload_(offload), datagrams_(offload) {
  oversized_.reserve(io::UdpSocket::kReportedOversized);
  driver_.watch(tun_.fd(), [this] { pump_tun(); });
  driver_.on_wakeup([this] { pump_timeout(); });
}

Pump::~Pump() {
  driver_.on_wakeup({});
  driver_.unwatch(tun_.fd());
  for (const auto& [id, socket] : sockets_) driver_.unwatch(socket->fd());
}

base::SocketId Pump::open_socket(io::UdpOptions options) {
  options.id = {next_socket_};
  options.offload = offload_;
  auto socket = std::make_unique<io::UdpSocket>(options);
  ++next_socket_;
  driver_.watch(socket->fd(), [this, raw = socket.get()] { pump_socket(*raw); });
  spdlog::debug("socket {}: opened at {}{}{}", options.id.value, socket->local_address().to_string(),
                options.device.empty() ? "" : " on ", options.device);
  sockets_.emplace(options.id, std::move(socket));
  return options.id;
}

void Pump::steer(base::SocketId id, std::span<const sock_filter> program) {
  sockets_.at(id)->steer(program);
}

void Pump::close_socket(base::SocketId id) {
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) return;
  driver_.unwatch(found->second->fd());
  sockets_.erase(found);
  spdlog::debug("socket {}: closed", id.value);
}

base::SocketAddress Pump::local_address(base::SocketId id) const {
  const auto found = sockets_.find(id);
  return found == sockets_.end() ? base::SocketAddress{} : found->second->local_address();
}

void Pump::apply(const std::function<void(tunnel::Endpoint&, base::Now)>& change) {
  const base::Now now = io::read_clock();
  change(endpoint_, now);
  flush(now);
}

api::OffloadStatus Pump::offload() const {
  const auto all_or_some = [this](bool (io::UdpSocket::*has)() const) {
    const auto with =
        std::ranges::count_if(sockets_, [has](const auto& entry) { return (entry.second.get()->*has)(); });
    if (with == 0) return "off";
    return static_cast<std::size_t>(with) == sockets_.size() ? "on" : "some";
  };
  return {name_of(tun_.offload()), all_or_some(&io::UdpSocket::sends_runs),
          all_or_some(&io::UdpSocket::receives_runs)};
}

void Pump::pump_tun() {
  base::Now now;
  std::size_t unsent = 0;
  for (int batch = 0; batch < kTunBatchesPerWakeup; ++batch) {
    const auto packets = tun_.read_batch(packets_);
    // After the packets have come: a delay that is set counts from here, and is never shorter.
    now = io::read_clock();
    if (tun_.gone()) throw base::Error("the interface " + tun_.name() + " was deleted by somebody else");
    if (!packets.empty()) endpoint_.handle_tun(packets, now);
    write_tun(endpoint_.poll_tun());
    pass_strays();
    if (!packets_.full()) break;
    for (const auto& packet : packets) unsent += packet.bytes.size();
    if (unsent < kFlushBytes) continue;
    flush(now);
    unsent = 0;
  }
  flush(now);
  const auto oversized = tun_.oversized();
  endpoint_.count_drop(base::DropReason::kTooBig, oversized - std::exchange(counted_oversized_, oversized));
}

void Pump::pump_socket(io::UdpSocket& socket) {
  const auto id = socket.id();
  for (int batch = 0; batch < kBatchesPerWakeup && sockets_.contains(id); ++batch) {
    const auto received = socket.receive_batch(datagrams_);
    const base::Now now = io::read_clock();
    if (received.truncated > 0) endpoint_.count_drop(base::DropReason::kTooBig, received.truncated);
    if (!received.datagrams.empty()) endpoint_.handle_datagrams(received.datagrams, now);
    flush(now);
    if (!received.more) break;
  }
}

void Pump::pump_timeout() {
  const base::Now now = io::read_clock();
  endpoint_.handle_timeout(now);
  flush(now);
}

void Pump::flush(base::Now now) {
  pass_strays();
  for (int round = 0; round < kRoundsPerFlush && flush_once(now); ++round) continue;
  deliver_events();
  driver_.set_wakeup(endpoint_.next_wakeup());
}

// Whether the endpoint was told something that may have made it queue more.
bool Pump::flush_once(base::Now now) {
  write_tun(endpoint_.poll_tun());
  return send(endpoint_.poll_transmit(), now);
}

bool Pump::send(std::span<const base::Transmit> transmits, base::Now now) {
  oversized_.clear();
  while (!transmits.empty()) {
    const auto id = transmits.front().route.socket;
    const auto end = std::ranges::find_if(
        transmits, [id](const base::Transmit& transmit) { return transmit.route.socket != id; });
    const auto count = static_cast<std::size_t>(end - transmits.begin());
    send_over(id, transmits.first(count));
    transmits = transmits.subspan(count);
  }
  for (const auto& datagram : oversized_) endpoint_.note_too_big(datagram.route, datagram.size, now);
  return !oversized_.empty();
}

void Pump::send_over(base::SocketId id, std::span<const base::Transmit> transmits) {
  const auto found = sockets_.find(id);
  if (found == sockets_.end()) {
    for (const auto& run : transmits) {
      endpoint_.count_drop(base::DropReason::kSendRefused, io::count_datagrams(run));
    }
    return;
  }
  const auto result = found->second->send_batch(transmits);
  if (result.refused > 0) endpoint_.count_drop(base::DropReason::kSendRefused, result.refused);
  if (result.buffer_full > 0) endpoint_.count_drop(base::DropReason::kSendBufferFull, result.buffer_full);
  if (result.too_big > 0) endpoint_.count_drop(base::DropReason::kSendRefused, result.too_big);
  oversized_.insert(oversized_.end(), result.oversized.begin(), result.oversized.end());
}

void Pump::write_tun(std::span<const base::InboundPacket> packets) {
  if (packets.empty()) return;
  const auto refused = tun_.write_batch(packets);
  if (refused > 0) endpoint_.count_drop(base::DropReason::kTunRefused, refused);
}

void Pump::pass_strays() {
  for (const auto& stray : endpoint_.poll_strays()) {
    if (!on_stray_ || !on_stray_(stray)) endpoint_.count_drop(base::DropReason::kWorkerBusy, 1);
  }
}

void Pump::deliver_events() {
  while (const auto event = endpoint_.poll_event()) {
    if (on_event_) on_event_(*event);
  }
}

}  // namespace sennit::shell
