// A further thread of a gateway: a queue of the TUN device, sockets and an endpoint of its own, for the peers
// of its share (tunnel/share.hpp). The first worker is the Runtime's own thread, which alone has the rest:
// control socket, addresses, routes, devices, log.
// Invariant: while the thread runs, nobody else touches what is the worker's, but through call() and post().
#pragma once

#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "io/driver.hpp"
#include "io/tun_device.hpp"
#include "shell/pump.hpp"
#include "tunnel/endpoint.hpp"

namespace sennit::shell {

class Worker {
 public:
  // Its thread is called worker-N, by its place in the settings' share. Throws base::Error where the kernel
  // refuses the queue.
  Worker(const io::TunDevice& device, tunnel::EndpointConfig settings, io::UdpOffload offload);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // Starts the thread; `failed` is called there with what ends it before its time. It answers calls all the
  // same.
  void start(std::function<void(std::exception_ptr)> failed);
  // Ends the thread, when what was posted before is done.
  void stop();

  // Does `work` in the worker's thread, or here while there is none; waits for it, and returns its result.
  template <class Work>
  auto call(Work work) {
    std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
    auto result = task.get_future();
    if (thread_.joinable())
      post(std::move(task));
    else
      task();
    return result.get();
  }
  // Does `work` in the worker's thread, later. From any thread.
  template <class Work>
  void post(Work work) {
    boost::asio::post(driver_.io_context(), std::move(work));
  }

  // Before start(), after stop(), and from within call() and post() alone.
  Pump& pump() { return pump_; }

 private:
  void work(const std::function<void(std::exception_ptr)>& failed);

  std::string name_;
  io::Driver driver_;
  io::TunDevice queue_;
  tunnel::Endpoint endpoint_;
  Pump pump_;
  std::thread thread_;
};

}  // namespace sennit::shell
