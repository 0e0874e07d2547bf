#include "shell/runtime.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "io/clock.hpp"
#include "io/privileges.hpp"
#include "shell/log.hpp"

namespace sennit::shell {

namespace {

// A new interface brings a dozen messages; one look at the end of them is enough.
constexpr std::chrono::milliseconds kGathering{20};

}  // namespace

Runtime::Runtime(const config::EndpointOptions& options, const tunnel::EndpointConfig& settings)
    : options_(options),
      peers_(settings.peers),
      role_(settings.role),
      started_(io::read_clock().monotonic),
      journal_(options.state, options.tunnel.name),
      tun_(options.tunnel.name),
      endpoint_(settings, io::read_clock()),
      pump_(driver_, tun_, endpoint_),
      tunnel_(tun_, endpoint_.report(io::read_clock()).mtu),
      control_(driver_.io_context(), options.control),
      settle_(driver_.io_context()) {
  log_start(options, settings);
  driver_.on_stop([this] { stop(); });
  driver_.watch(monitor_.fd(), [this] { note_change(); });
  pump_.on_event([this](const tunnel::Event& event) { handle_event(event); });
  on_place_of([this](const tunnel::PathReport& path) { return place_of(path); });
  control_.handle("status", [this](const nlohmann::json& /*arguments*/) { return api::to_json(status()); });
}

Runtime::~Runtime() {
  driver_.unwatch(monitor_.fd());
}

void Runtime::run(const std::function<void()>& begin) {
  io::drop_privileges();
  if (begin) begin();
  pump_.apply([](tunnel::Endpoint& endpoint, base::Now now) { endpoint.handle_timeout(now); });
  try {
    driver_.run();
  } catch (const base::Error&) {
    say_goodbye();
    throw;
  }
  say_goodbye();
}

api::Status Runtime::status() const {
  const base::Now now = io::read_clock();
  const Surroundings surroundings{role_, now.monotonic - started_, tun_.name(), options_.tunnel.mode,
                                  place_of_};
  return status_of(endpoint_.report(now), surroundings);
}

PathPlace Runtime::place_of(const tunnel::PathReport& path) const {
  if (!path.route) return {};
  auto local = pump_.local_address(path.route->socket);
  if (path.route->local.family() != base::Family::kNone) local.address = path.route->local;
  return {{}, local};
}

void Runtime::handle_event(const tunnel::Event& event) {
  log_event(event, peers_);
  if (const auto* changed = std::get_if<tunnel::MtuChanged>(&event))
    log_refusals(tunnel_.set_mtu(changed->mtu));
  if (on_event_) on_event_(event);
}

void Runtime::note_change() {
  if (monitor_.drain() == io::LinkChange::kNone || std::exchange(gathering_, true)) return;
  settle_.expires_after(kGathering);
  settle_.async_wait([this](const boost::system::error_code& error) {
    if (!error) pass_interfaces();
  });
}

void Runtime::pass_interfaces() {
  gathering_ = false;
  const auto now = interfaces();
  if (now.empty()) return;  // there is always a loopback: the kernel had no memory for the answer
  log_refusals(tunnel_.restore(now));
  if (on_interfaces_) on_interfaces_(now);
}

void Runtime::stop() {
  spdlog::info("stopping");
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  driver_.stop();
}

void Runtime::say_goodbye() {
  pump_.apply([](tunnel::Endpoint& endpoint, base::Now now) { endpoint.close(now); });
}

void log_refusals(const Refusals& refusals) {
  for (const auto& refusal : refusals) spdlog::error("{}", refusal);
}

void throw_refusals(const Refusals& refusals) {
  if (!refusals.empty()) throw base::Error(refusals.front());
}

}  // namespace sennit::shell
