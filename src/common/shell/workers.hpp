// All threads of an endpoint: the first, which is the Runtime's own, and the others (worker.hpp), of which
// only a gateway has any. They share nothing while they carry packets; what came to the wrong one is handed
// over. Invariant: sockets have the same numbers at every worker. Reasons: docs/performance.md, "Workers".
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "io/driver.hpp"
#include "io/tun_device.hpp"
#include "shell/pump.hpp"
#include "shell/worker.hpp"
#include "tunnel/endpoint_config.hpp"
#include "tunnel/report.hpp"

namespace sennit::shell {

class Workers {
 public:
  // `driver` and `pump` are the first worker's; all outlive it. Makes as many others as the settings' share
  // says; throws base::Error where the kernel refuses.
  Workers(io::Driver& driver, Pump& pump, const io::TunDevice& tun, const tunnel::EndpointConfig& settings,
          io::UdpOffload offload);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();

  // Who hears the others' events, in the first one's thread.
  void on_event(const Pump::EventHandler& handler);
  // One socket at each worker, of which the kernel chooses by the datagram. Throws base::Error.
  void open_socket(io::UdpOptions options);
  // Starts the threads. What ends one of them is thrown in the first.
  void start();
  void stop();

  // As Pump::apply(), at every worker.
  void apply(const std::function<void(tunnel::Endpoint&, base::Now)>& change);
  // Calls `question` with every worker's number and endpoint.
  void ask(const std::function<void(std::uint32_t, const tunnel::Endpoint&)>& question) const;
  // The worker whose peers these addresses belong to: the first where they are nobody's, none where several
  // have some of them.
  std::optional<std::uint32_t> worker_of(const std::vector<base::Prefix>& addresses) const;
  // Of each peer, what its own worker has; drops of all.
  tunnel::EndpointReport report(base::Now now) const;

 private:
  // What was handed over and is not yet done.
  struct Backlog {
    std::atomic<std::size_t> strays = 0;
  };

  bool hand_over(const tunnel::Stray& stray);
  void post(std::uint32_t worker, std::function<void(Pump&)> work);

  io::Driver& driver_;
  Pump& pump_;
  const std::vector<tunnel::PeerConfig> peers_;
  const std::uint32_t count_;
  std::vector<std::unique_ptr<Worker>> others_;
  std::vector<Backlog> backlogs_;  // by worker
};

}  // namespace sennit::shell
