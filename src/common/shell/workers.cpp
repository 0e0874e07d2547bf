#include "shell/workers.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/error.hpp"
#include "io/clock.hpp"
#include "shell/steering.hpp"

namespace sennit::shell {

namespace {

// A superpacket has up to 64 KiB: no more than this many wait for a worker that is behind.
constexpr std::size_t kMaxStrays = 256;

// A stray and its bytes, with headroom.
struct Copy {
  explicit Copy(const tunnel::Stray& original) : stray(original) {
    std::visit([this](auto& what) { what.bytes = keep(what.bytes); }, stray.what);
  }
  base::ByteSpan keep(base::ConstByteSpan bytes) {
    buffer.resize(base::kHeadroom + bytes.size());
    const auto own = base::ByteSpan(buffer).subspan(base::kHeadroom);
    base::copy_bytes(bytes, own);
    return own;
  }

  tunnel::Stray stray;
  std::vector<std::uint8_t> buffer;
};

bool overlap(const base::Prefix& one, const base::Prefix& other) {
  return one.contains(other.address()) || other.contains(one.address());
}

tunnel::EndpointConfig share_of(const tunnel::EndpointConfig& settings, std::uint32_t worker) {
  auto own = settings;
  own.share.index = worker;
  return own;
}

}  // namespace

Workers::Workers(io::Driver& driver, Pump& pump, const io::TunDevice& tun,
                 const tunnel::EndpointConfig& settings, io::UdpOffload offload)
    : driver_(driver), pump_(pump), peers_(settings.peers), count_(settings.share.count), backlogs_(count_) {
  const auto hands_over = [this](const tunnel::Stray& stray) { return hand_over(stray); };
  pump_.on_stray(hands_over);
  for (std::uint32_t worker = 1; worker < count_; ++worker) {
    others_.push_back(std::make_unique<Worker>(tun, share_of(settings, worker), offload));
    others_.back()->pump().on_stray(hands_over);
  }
}

Workers::~Workers() {
  stop();
  pump_.on_stray({});
}

void Workers::on_event(const Pump::EventHandler& handler) {
  for (const auto& worker : others_) {
    worker->pump().on_event([this, handler](const tunnel::Event& event) {
      boost::asio::post(driver_.io_context(), [handler, event] { handler(event); });
    });
  }
}

void Workers::open_socket(io::UdpOptions options) {
  if (!others_.empty()) options.port_use = io::PortUse::kFirstOfGroup;
  const auto id = pump_.open_socket(options);
  if (others_.empty()) return;
  options.port_use = io::PortUse::kInGroup;
  for (const auto& worker : others_) {
    if (worker->pump().open_socket(options) != id) throw base::Error("the workers' sockets differ in number");
  }
  pump_.steer(id, steering_program(count_));
}

void Workers::start() {
  for (const auto& worker : others_) {
    worker->start([this](std::exception_ptr failure) {
      boost::asio::post(driver_.io_context(),
                        [failure = std::move(failure)] { std::rethrow_exception(failure); });
    });
  }
}

void Workers::stop() {
  for (const auto& worker : others_) worker->stop();
}

void Workers::apply(const std::function<void(tunnel::Endpoint&, base::Now)>& change) {
  pump_.apply(change);
  for (const auto& worker : others_) worker->call([&] { worker->pump().apply(change); });
}

void Workers::ask(const std::function<void(std::uint32_t, const tunnel::Endpoint&)>& question) const {
  question(0, pump_.endpoint());
  for (std::uint32_t number = 1; number < count_; ++number) {
    auto& worker = *others_[number - 1];
    worker.call([&] { question(number, worker.pump().endpoint()); });
  }
}

std::optional<std::uint32_t> Workers::worker_of(const std::vector<base::Prefix>& addresses) const {
  std::optional<std::uint32_t> found;
  for (std::uint32_t peer = 0; count_ > 1 && peer < peers_.size(); ++peer) {
    const auto has = [&](const base::Prefix& own) {
      return std::ranges::any_of(addresses, [&](const base::Prefix& each) { return overlap(own, each); });
    };
    if (!std::ranges::any_of(peers_[peer].allowed, has)) continue;
    const auto worker = tunnel::Share{0, count_}.owner_of(base::PeerId{peer});
    if (found && *found != worker) return std::nullopt;
    found = worker;
  }
  return found.value_or(0);
}

tunnel::EndpointReport Workers::report(base::Now now) const {
  std::optional<tunnel::EndpointReport> all;
  ask([&](std::uint32_t worker, const tunnel::Endpoint& endpoint) {
    if (all)
      tunnel::add_share(*all, endpoint.report(now), {worker, count_});
    else
      all = endpoint.report(now);
  });
  return std::move(*all);
}

// From any worker's thread.
bool Workers::hand_over(const tunnel::Stray& stray) {
  auto& waiting = backlogs_[stray.owner].strays;
  if (waiting.fetch_add(1) >= kMaxStrays) {
    --waiting;
    return false;
  }
  post(stray.owner, [&waiting, copy = std::make_shared<Copy>(stray)](Pump& pump) {
    --waiting;
    pump.apply([&](tunnel::Endpoint& endpoint, base::Now now) { endpoint.handle_stray(copy->stray, now); });
  });
  return true;
}

void Workers::post(std::uint32_t worker, std::function<void(Pump&)> work) {
  if (worker == 0)
    boost::asio::post(driver_.io_context(), [this, work = std::move(work)] { work(pump_); });
  else
    others_[worker - 1]->post([&pump = others_[worker - 1]->pump(), work = std::move(work)] { work(pump); });
}

}  // namespace sennit::shell
