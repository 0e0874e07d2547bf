#include "shell/runtime.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "io/clock.hpp"
#include "io/privileges.hpp"
#include "shell/calendar.hpp"
#include "shell/capture_command.hpp"
#include "shell/device_commands.hpp"
#include "shell/endpoint_settings.hpp"
#include "shell/event_feed.hpp"
#include "shell/filter_commands.hpp"
#include "shell/log.hpp"
#include "shell/state_file.hpp"

namespace sennit::shell {

namespace {

// A new interface brings a dozen messages; one look at the end of them is enough.
constexpr std::chrono::milliseconds kGathering{20};
// What a crash may forget of the highest rates.
constexpr std::chrono::seconds kRememberEvery{60};
constexpr std::chrono::seconds kLogDropsEvery{10};

io::TunOffload tun_offload_of(config::Offload offload) {
  const bool wanted = offload == config::Offload::kAuto || offload == config::Offload::kTun;
  return wanted ? io::TunOffload::kTcpAndUdp : io::TunOffload::kOff;
}

io::UdpOffload udp_offload_of(config::Offload offload) {
  const bool wanted = offload == config::Offload::kAuto || offload == config::Offload::kUdp;
  return wanted ? io::UdpOffload::kOn : io::UdpOffload::kOff;
}

io::TunQueues queues_of(const tunnel::Share& share) {
  return share.count > 1 ? io::TunQueues::kSeveral : io::TunQueues::kOne;
}

// The endpoint joins what the TUN device takes joined.
tunnel::EndpointConfig with_coalescing(tunnel::EndpointConfig settings, io::TunOffload offload) {
  switch (offload) {
    case io::TunOffload::kOff: settings.coalescing = inbound::Coalescing::kOff; break;
    case io::TunOffload::kTcp: settings.coalescing = inbound::Coalescing::kTcp; break;
    case io::TunOffload::kTcpAndUdp: settings.coalescing = inbound::Coalescing::kTcpAndUdp; break;
  }
  return settings;
}

std::filesystem::path devices_file(const config::EndpointOptions& options,
                                   const tunnel::EndpointConfig& settings) {
  return options.state / (state_file_name("devices", settings.private_key.public_key()) + ".sqlite");
}

LanView view_of(tunnel::Role role) {
  return role == tunnel::Role::kClient ? LanView::kSeen : LanView::kUnseen;
}

std::chrono::sys_days today() {
  return day_of(io::read_clock().wall);
}

}  // namespace

Runtime::Runtime(const config::EndpointOptions& options, const tunnel::EndpointConfig& settings,
                 const MakeBackend& make_backend)
    : options_(options),
      peers_(settings.peers),
      role_(settings.role),
      started_(io::read_clock().monotonic),
      journal_(options.state, options.tunnel.name),
      tun_(options.tunnel.name, tun_offload_of(options.tunnel.offload), queues_of(settings.share)),
      endpoint_(with_coalescing(settings, tun_.offload()), io::read_clock()),
      pump_(driver_, tun_, endpoint_, udp_offload_of(options.tunnel.offload)),
      workers_(driver_, pump_, tun_, with_coalescing(settings, tun_.offload()),
               udp_offload_of(options.tunnel.offload)),
      mtu_(endpoint_.report(io::read_clock()).mtu),
      tunnel_(tun_, mtu_),
      tunnel_backend_(workers_),
      kernel_backend_(make_backend ? make_backend(journal_, driver_) : nullptr),
      backends_(driver_, kernel_backend_ ? *kernel_backend_ : tunnel_backend_,
                kernel_backend_ ? &tunnel_backend_ : nullptr),
      devices_(options, devices_file(options, settings), driver_, backends_, view_of(settings.role)),
      control_(driver_.io_context(), options.control),
      settle_(driver_.io_context()),
      rates_file_(options.state / state_file_name("rates", settings.private_key.public_key())),
      rates_(read_state_file(rates_file_).value_or(""), today()),
      remember_(driver_.io_context()),
      drops_timer_(driver_.io_context()) {
  log_start(options, settings);
  driver_.watch(monitor_.fd(), [this] { note_change(); });
  const auto hears = [this](const tunnel::Event& event) { handle_event(event); };
  pump_.on_event(hears);
  workers_.on_event(hears);
  on_place_of([this](const tunnel::PathReport& path) { return place_of(path); });
  devices_.on_addresses([this] { adapt_policies(); });
  adapt_policies();
  serve_device_commands(control_, devices_);
  serve_capture_commands(control_, devices_);
  serve_filter_commands(control_, devices_);
  control_.handle("status", [this](const nlohmann::json& /*arguments*/) { return api::to_json(status()); });
}

Runtime::~Runtime() {
  driver_.unwatch(monitor_.fd());
}

void Runtime::run(const std::function<void()>& begin) {
  io::drop_privileges();
  if (begin) begin();
  remember_rates_later();
  if (options_.log_level <= config::LogLevel::kDebug) log_drops_later();
  workers_.apply([](tunnel::Endpoint& endpoint, base::Now now) { endpoint.handle_timeout(now); });
  workers_.start();
  try {
    driver_.run();
  } catch (const base::Error&) {
    end();
    throw;
  }
  end();
}

void Runtime::log_drops_later() {
  drops_timer_.expires_after(kLogDropsEvery);
  drops_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const auto drops = workers_.report(io::read_clock()).drops;
    const auto grown = grown_drops(std::exchange(logged_drops_, drops), drops);
    if (!grown.empty()) spdlog::debug("dropped in {} s: {}", kLogDropsEvery.count(), grown);
    log_drops_later();
  });
}

void Runtime::remember_rates_later() {
  remember_.expires_after(kRememberEvery);
  remember_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    remember_rates();
    remember_rates_later();
  });
}

void Runtime::remember_rates() {
  const auto before = rates_;
  rates_.note(workers_.report(io::read_clock()), today());
  if (rates_ == before) return;
  try {
    write_state_file(rates_file_, rates_.to_text());
  } catch (const base::Error& error) {
    spdlog::warn("{}", error.what());
  }
}

api::Status Runtime::status() const {
  const base::Now now = io::read_clock();
  const Surroundings surroundings{
      role_,
      now.monotonic - started_,
      tun_.name(),
      options_.tunnel.mode,
      pump_.offload(),
      place_of_,
      [this](const std::string& peer, const tunnel::PathReport& path) {
        return KnownRates{told_rx_ ? told_rx_(path) : base::BitRate{}, rates_.of(peer, path)};
      }};
  auto status = status_of(workers_.report(now), surroundings);
  status.devices = devices_.status();
  status.filters = devices_.filters().status();
  return status;
}

PathPlace Runtime::place_of(const tunnel::PathReport& path) const {
  if (!path.route) return {};
  auto local = pump_.local_address(path.route->socket);
  if (path.route->local.family() != base::Family::kNone) local.address = path.route->local;
  return {{}, local};
}

void Runtime::handle_event(tunnel::Event event) {
  if (auto* changed = std::get_if<tunnel::MtuChanged>(&event)) {
    // That of all workers' peers.
    changed->mtu = workers_.report(io::read_clock()).mtu;
    if (std::exchange(mtu_, changed->mtu) == changed->mtu) return;
  }
  log_event(event, peers_);
  if (const auto told = to_json(event, peers_); !told.is_null()) control_.publish(told);
  if (const auto* changed = std::get_if<tunnel::MtuChanged>(&event))
    log_refusals(tunnel_.set_mtu(changed->mtu));
  if (on_event_) on_event_(event);
}

void Runtime::adapt_policies() {
  if (options_.policies.empty()) return;
  const auto policies = policy_settings(options_, [this](const std::vector<base::DeviceMatch>& matches) {
    return devices_.addresses_of(matches);
  });
  workers_.apply([&](tunnel::Endpoint& endpoint, base::Now) { endpoint.change_policies(policies); });
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

void Runtime::end() {
  remember_rates();
  workers_.stop();
  workers_.apply([](tunnel::Endpoint& endpoint, base::Now now) { endpoint.close(now); });
}

void log_refusals(const Refusals& refusals) {
  for (const auto& refusal : refusals) spdlog::error("{}", refusal);
}

void throw_refusals(const Refusals& refusals) {
  if (!refusals.empty()) throw base::Error(refusals.front());
}

}  // namespace sennit::shell
